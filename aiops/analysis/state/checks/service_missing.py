"""A Service that others name and that is not there, while the pods that it was for run."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.network.ingresses import ingress_backends
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.mechanism import Mechanism

PROOF, LIKELY = 0.9, 0.6
"""Strength where a workload of the Service's name runs, and where only somebody names it."""


@check("service-missing", whole=("Service",))
def service_missing(state: ClusterState) -> Iterator[Finding]:
    """Backends of Ingresses, and governing Services of StatefulSets, that do not exist."""
    if not state.of("Service"):
        return
    for ingress in state.of("Ingress"):
        for name in dict.fromkeys(backend["name"] for _, backend in ingress_backends(ingress)):
            if state.find("Service", _namespace(ingress), name) is None:
                yield _of_ingress(state, ingress, name)
    for workload in state.of("StatefulSet"):
        name = workload["spec"].get("serviceName")
        # A StatefulSet whose pods nobody calls by their names does without: only now missed by somebody it counts.
        if name and state.find("Service", _namespace(workload), name) is None and _is_called(state, workload, name):
            yield _of_set(workload, name)


def _of_ingress(state: ClusterState, ingress: Manifest, name: str) -> Finding:
    entity = Entity.of(ingress)
    service = Entity(kind="Service", namespace=entity.namespace, name=name)
    namesake = any(state.find(kind, entity.namespace, name) for kind in WORKLOAD_KINDS)
    field = next(path for path, backend in ingress_backends(ingress) if backend["name"] == name)
    missing = blame(service, Mechanism.CONFIG_SERVICE_MISSING, PROOF if namesake else LIKELY)
    # Without pods of that name the Ingress may just as well name the wrong Service.
    wrong = () if namesake else blame(entity, Mechanism.CONFIG_INGRESS, LIKELY, field)
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=f"{entity} sends to {service}, which does not exist.",
        observed=f"{field}: {name}",
        score=0.9,
        suggests=(*missing, *wrong),
    )


def _of_set(workload: Manifest, name: str) -> Finding:
    entity = Entity.of(workload)
    service = Entity(kind="Service", namespace=entity.namespace, name=name)
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=f"{service}, under which the pods of {entity} have their names, does not exist.",
        observed=f"spec.serviceName: {name}",
        score=0.9,
        suggests=blame(service, Mechanism.CONFIG_SERVICE_MISSING, PROOF),
    )


def _is_called(state: ClusterState, workload: Manifest, name: str) -> bool:
    pods = tuple(f"{workload['metadata']['name']}-{number}" for number in range(workload["spec"].get("replicas", 1)))
    hosts = (name, *(f"{pod}.{name}" for pod in pods))
    return any(call.host.startswith(hosts) and call.error_ratio > 0 for call in state.calls)


def _namespace(item: Manifest) -> str:
    return str(item["metadata"].get("namespace", ""))
