"""A Service that is only another name, and whose callers do not get through by it."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.calls.error_kinds import ErrorKind, kind_of
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.network.failing_calls import calls_to, described, edge_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.mechanism import Mechanism

LOST = frozenset({ErrorKind.NAME, ErrorKind.TIMEOUT, ErrorKind.REFUSED, ErrorKind.UNREACHABLE, ErrorKind.CERTIFICATE})

KNOWN_WRONG, SUSPECT = 0.95, 0.7


@check("external-name", whole=("Service",))
def external_name(state: ClusterState) -> Iterator[Finding]:
    """Services of type ExternalName whose callers get no address, or no connection."""
    for service in state.of("Service"):
        spec, entity = service.get("spec", {}), Entity.of(service)
        if spec.get("type") != "ExternalName":
            continue
        failing = [c for c in calls_to(state, entity) if c.error_ratio > 0.1 and kind_of(c.error_type) in LOST]
        if not failing:
            continue
        name = str(spec.get("externalName", ""))
        wrong = _leads_nowhere(state, name) or _has_workload(state, entity)
        yield Finding(
            subject=edge_of(state, failing[0]),
            seen_in=entity,
            summary=f"{entity} stands for {name}, and its callers do not get through.",
            observed="; ".join(map(described, failing[:3])),
            score=0.9,
            suggests=blame(entity, Mechanism.DNS_WRONG_ANSWER, KNOWN_WRONG if wrong else SUSPECT, "spec.externalName"),
        )


def _leads_nowhere(state: ClusterState, name: str) -> bool:
    """Is it the name of a Service that this cluster does not have?"""
    parts = name.rstrip(".").split(".")
    if len(parts) < 3 or parts[2] != "svc" or not state.namespace_labels():
        return False
    known: Manifest | None = state.find("Service", parts[1], parts[0])
    return known is None


def _has_workload(state: ClusterState, service: Entity) -> bool:
    """Does a workload of the Service's name run beside it?"""
    return any(state.find(kind, service.namespace, service.name) for kind in WORKLOAD_KINDS)
