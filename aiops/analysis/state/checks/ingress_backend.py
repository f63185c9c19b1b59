"""An Ingress that sends a host or path to a port that its Service does not have, or to another workload's Service."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.network.ingresses import ingress_backends
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

PROOF = 0.9


@check("ingress-backend", whole=("Service",))
def ingress_backend(state: ClusterState) -> Iterator[Finding]:
    """Backends of Ingresses with a port that the Service does not have."""
    for ingress in state.of("Ingress"):
        entity = Entity.of(ingress)
        for field, backend in ingress_backends(ingress):
            service = state.find("Service", entity.namespace, backend["name"])
            port = backend.get("port") or {}
            if service is None or not port or _has(service, port):
                continue
            ports = service.get("spec", {}).get("ports") or []
            wanted = ports[0]["port"] if len(ports) == 1 else None
            yield Finding(
                subject=entity,
                seen_in=entity,
                summary=f"{entity} sends to a port that {Entity.of(service)} does not have.",
                observed=f"{field}: port {port.get('name') or port.get('number')}",
                score=0.9,
                suggests=blame(entity, Mechanism.CONFIG_INGRESS, PROOF, f"{field}.service.port", wanted),
            )


def _has(service: Manifest, port: Manifest) -> bool:
    ports = service.get("spec", {}).get("ports") or []
    if not ports or service.get("spec", {}).get("type") == "ExternalName":
        return True
    return any(p["port"] == port.get("number") or (port.get("name") and p.get("name") == port["name"]) for p in ports)
