"""An address in a workload's environment that leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.network.references import Reference, references
from aiops.analysis.state.network.shadowed_variable import shadowing
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import WORKLOAD_KINDS, Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism

_VARIABLE = re.compile(r"([^.\[\]]+)\]?(?:\.value)?$")
_WORD = re.compile(r"[a-z0-9]+")


@check("wrong-address", whole=("Service",))
def wrong_address(state: ClusterState) -> Iterator[Finding]:
    """Configured `host:port` whose host is no Service of the cluster, or whose port the Service does not have."""
    if not state.of("Service"):
        return  # they could not be read, or there is none: then nothing can be said about an address
    for reference in references(state):
        namespace = reference.workload.namespace
        service = state.service_of_host(reference.host, namespace)
        lost = _without_service(state, reference) if service is None else None
        if lost is not None:
            yield _lost_service(reference, lost)
        elif service is None and _is_cluster_name(reference.host):
            meant = _nearest(state, reference.host, namespace)
            yield _finding(state, reference, "names no Service of the cluster", 0.85 if meant else 0.5, meant)
        elif service is not None and _lacks_port(service, reference.port):
            ports = [p["port"] for p in service["spec"]["ports"]]
            wanted = _with_port(reference, ports[0]) if len(ports) == 1 else None
            yield _finding(state, reference, f"asks for a port that {Entity.of(service)} does not have", 0.85, wanted)
        elif service is not None and _fails(state, reference):
            meant = _by_variable(state, reference, service)
            if meant is not None:
                what = f"calls fail, and whose variable is named after Service/{namespace}/{meant.partition(':')[0]}"
                yield _finding(state, reference, what, 0.6, meant)


def _without_service(state: ClusterState, reference: Reference) -> Entity | None:
    """The workload of the host's name, where it has lost its Service."""
    name, _, rest = reference.host.partition(".")
    namespace = rest.partition(".")[0] or reference.workload.namespace
    found = (state.find(kind, namespace, name) for kind in WORKLOAD_KINDS)
    return next((Entity.of(item) for item in found if item is not None), None)


def _lost_service(reference: Reference, workload: Entity) -> Finding:
    service = Entity(kind="Service", namespace=workload.namespace, name=workload.name)
    return Finding(
        subject=Edge(source=reference.workload, target=workload),
        seen_in=reference.defined_in,
        summary=f"{service}, by which {reference.workload} reaches {workload}, does not exist.",
        observed=f"{reference.path}: {reference.host}:{reference.port}",
        score=0.9,
        suggests=blame(service, Mechanism.CONFIG_SERVICE_MISSING, 0.9),
    )


def _fails(state: ClusterState, reference: Reference) -> bool:
    """Do the calls fail that this workload makes to this address?"""
    return any(
        call.source == reference.workload and call.host == reference.host and call.error_ratio > 0
        for call in state.calls
    )


def _by_variable(state: ClusterState, reference: Reference, service: Manifest) -> str | None:
    """The address of the one Service after which the variable is named, where that is another one."""
    variable = _VARIABLE.search(reference.path)
    words = set(_WORD.findall(variable[1].lower())) if variable else set()
    stems = {s["metadata"]["name"]: s for s in state.of("Service", reference.workload.namespace)}
    named = sorted(words & stems.keys())
    if len(named) != 1 or words.intersection(_WORD.findall(service["metadata"]["name"])):
        return None
    ports = [p["port"] for p in stems[named[0]]["spec"].get("ports", [])]
    return f"{named[0]}:{ports[0]}" if len(ports) == 1 else None


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


def _finding(state: ClusterState, reference: Reference, what: str, strength: float, meant: str | None) -> Finding:
    wanted = meant
    if meant is not None and ":" not in meant:
        wanted = reference.text.replace(f"{reference.host}:", f"{meant}:")
    address = f"{reference.host}:{reference.port}"
    shadowed = shadowing(state, reference)
    return Finding(
        subject=reference.defined_in,
        seen_in=reference.defined_in,
        summary=f"{reference.defined_in} sends {reference.workload} to {address}, which {what}.",
        observed=f"{reference.path}: {address}",
        score=0.9,
        suggests=(
            blame(shadowed[0], Mechanism.CONFIG_ENV_SHADOWED, strength, shadowed[1])
            if shadowed
            else blame(reference.defined_in, Mechanism.CONFIG_ENV_VALUE, strength, reference.path, wanted)
        ),
    )
