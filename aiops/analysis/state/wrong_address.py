"""An address in a workload's environment that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.references import Reference, references
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism


@check("wrong-address")
def wrong_address(state: ClusterState) -> Iterator[Finding]:
    """Configured `host:port` whose host is no Service of the cluster, or whose port the Service does not have."""
    for reference in references(state):
        namespace = reference.workload.namespace
        service = state.service_of_host(reference.host, namespace)
        if service is None and _is_cluster_name(reference.host):
            meant = _nearest(state, reference.host, namespace)
            yield _finding(reference, "names no Service of the cluster", 0.85 if meant else 0.5, meant)
        elif service is not None and _lacks_port(service, reference.port):
            ports = [p["port"] for p in service["spec"]["ports"]]
            wanted = _with_port(reference, ports[0]) if len(ports) == 1 else None
            yield _finding(reference, f"asks for a port that {Entity.of(service)} does not have", 0.85, wanted)


def _is_cluster_name(host: str) -> bool:
    """A name without dots, or in the cluster's domain: others may be anywhere."""
    return host != "localhost" and ("." not in host or ".svc" in f"{host}.")


def _lacks_port(service: Manifest, port: int) -> bool:
    spec = service.get("spec", {})
    ports = [p["port"] for p in spec.get("ports", [])]
    # A headless Service answers with the pods' addresses: any port may be asked for.
    return bool(ports) and port not in ports and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName"


def _nearest(state: ClusterState, host: str, namespace: str) -> str | None:
    """The text's host replaced by the nearest Service name, where one is near."""
    name, _, rest = host.partition(".")
    known = [s["metadata"]["name"] for s in state.of("Service", namespace)]
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"{close[0]}.{rest}".rstrip(".") if close else None


def _with_port(reference: Reference, port: int) -> str:
    return reference.text.replace(f"{reference.host}:{reference.port}", f"{reference.host}:{port}")


def _finding(reference: Reference, what: str, strength: float, meant: str | None) -> Finding:
    wanted = meant
    if meant is not None and ":" not in meant:
        wanted = reference.text.replace(f"{reference.host}:", f"{meant}:")
    address = f"{reference.host}:{reference.port}"
    return Finding(
        subject=reference.defined_in,
        seen_in=reference.defined_in,
        summary=f"{reference.defined_in} sends {reference.workload} to {address}, which {what}.",
        observed=f"{reference.path}: {address}",
        score=0.9,
        suggests=blame(reference.defined_in, Mechanism.CONFIG_ENV_VALUE, strength, reference.path, wanted),
    )
