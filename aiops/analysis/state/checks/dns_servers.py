"""The cluster's DNS where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.calls.error_kinds import ErrorKind
from aiops.analysis.state.cluster import ClusterState, is_ready
from aiops.analysis.state.network.dns import dns_service, dns_workload
from aiops.analysis.state.network.failing_calls import described, edge_of, failing_calls
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest, Subject
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment
from aiops.core.wellknown import SYSTEM_NAMESPACE

USUAL_NAME = "coredns"
"""The Deployment that answers for names in nearly every cluster."""

MOST = 5
"""Callers of which each is told."""

UNANSWERED = (ErrorKind.NAME, ErrorKind.TIMEOUT)


@check("dns-servers", whole=("Pod", "Service", "Deployment"))
def dns_servers(state: ClusterState) -> Iterator[Finding]:
    """The cluster's DNS without a ready pod, or with one that fails, while callers get no addresses."""
    service, workload = dns_service(state), dns_workload(state)
    if service is not None and workload is None:
        yield from _gone(state, service)
    if service is None or workload is None:
        return
    entity = Entity.of(workload)
    pods = state.pods_of(entity)
    ready = [pod for pod in pods if is_ready(pod)]
    failing = failing_calls(state, *UNANSWERED)
    names = failing_calls(state, ErrorKind.NAME)
    wanted = workload.get("spec", {}).get("replicas", 1)
    if not ready:
        why = "is asked for no pod" if wanted == 0 else f"has no ready pod of {wanted}"
        callers: list[Subject] = [edge_of(state, call) for call in failing[:MOST]]
        for subject in callers or [entity]:
            yield Finding(
                subject=subject,
                seen_in=entity,
                summary=f"{entity}, which answers the cluster's questions for names, {why}.",
                observed=described(failing[0]) if failing else "no call was seen failing",
                score=1.0 if failing else 0.7,
                since=_since(workload),
                suggests=blame(entity, Mechanism.DNS_UNAVAILABLE, 0.95, "spec.replicas" if wanted == 0 else None),
            )
    elif len({call.source for call in names}) > 1:
        for call in names[:MOST]:
            yield Finding(
                subject=edge_of(state, call),
                seen_in=entity,
                summary="Several workloads get no address for the names that they call.",
                observed="; ".join(described(other) for other in names[:3]),
                score=0.8,
                suggests=blame(entity, Mechanism.DNS_UNAVAILABLE, 0.4 + 0.1 * min(len(names), 4)),
            )


def _gone(state: ClusterState, service: Manifest) -> Iterator[Finding]:
    """The Service for names is there, and nothing that answers behind it."""
    failing = failing_calls(state, *UNANSWERED)
    if not failing or not service.get("spec", {}).get("selector"):
        return
    entity = Entity(kind="Deployment", namespace=SYSTEM_NAMESPACE, name=USUAL_NAME)
    yield Finding(
        subject=edge_of(state, failing[0]),
        seen_in=Entity.of(service),
        summary=f"Nothing answers behind {Entity.of(service)}, which pods ask for names.",
        observed="; ".join(described(call) for call in failing[:3]),
        score=1.0,
        suggests=blame(entity, Mechanism.DNS_UNAVAILABLE, 0.9),
    )


def _since(workload: Manifest) -> float | None:
    for condition in workload.get("status", {}).get("conditions", []):
        if condition["type"] == "Available" and condition["status"] != "True":
            return moment(condition.get("lastTransitionTime"))
    return None
