"""Fault: an Ingress sends what users ask for to the wrong place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

Place = tuple[str, str, str, str]
"""(host, path, Service, port)."""


async def _routed(target: Target, namespace: str) -> Sequence[Edge]:
    """An Ingress and a Service to which it does not lead."""
    ingresses = sorted(await target.list("Ingress", namespace), key=lambda item: str(item["metadata"]["name"]))
    services = await serving(target, "Service", namespace)
    return [
        Edge(source=Entity(kind="Ingress", namespace=namespace, name=item["metadata"]["name"]), target=service)
        for item in ingresses
        for service in services
        if all(place[2] != service.name for place in _places(item))
    ]


async def _present(target: Target, before: Before, pair: Edge, form: str) -> bool:
    """Every host and path must lead to the Service and the port that it led to, by number or by name."""
    now = await find(target, pair.source)
    if now is None:
        return True
    ports = await _ports(target, pair.source.namespace)
    wanted = {_by_number(place, ports) for place in _places(original(before, pair.source))}
    return not wanted <= {_by_number(place, ports) for place in _places(now)}


async def _other_fix(target: Target, before: Before, pair: Edge, form: str) -> None:
    """The right backends, with their ports by number."""
    old = original(before, pair.source)
    ports = await _ports(target, pair.source.namespace)
    rules = [
        {**rule, "http": {"paths": [_numbered(entry, ports) for entry in rule["http"]["paths"]]}}
        for rule in old["spec"]["rules"]
    ]
    await target.patch(pair.source, {"spec": {"rules": rules}}, "merge")


@fault(
    Mechanism.CONFIG_INGRESS,
    entities=("Ingress",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def ingress_misroute(
    target: Target,
    pair: Annotated[Edge, choose("an Ingress and a Service behind others", _routed, read_edge)],
    form: Annotated[str, one_of("service", "path", "host", "port")],
) -> GroundTruth:
    """An Ingress gets the wrong backend, path, port or host: users' requests reach a stranger, or nobody."""
    ingress, other = await target.get(pair.source), await target.get(pair.target)
    rules = [_mistaken(rule, other, form) for rule in ingress["spec"]["rules"]]
    await target.patch(pair.source, {"spec": {"rules": rules}}, "merge")
    return GroundTruth(subject=pair.source, mechanism=Mechanism.CONFIG_INGRESS, field="spec.rules")


def _mistaken(rule: Manifest, other: Manifest, form: str) -> Manifest:
    if form == "host":
        return {**rule, "host": f"new.{rule['host']}"}
    return {**rule, "http": {"paths": [_mistaken_path(entry, other, form) for entry in rule["http"]["paths"]]}}


def _mistaken_path(entry: Manifest, other: Manifest, form: str) -> Manifest:
    service = entry["backend"]["service"]
    if form == "path":
        return {**entry, "path": f"/v2{entry['path']}"}
    if form == "port":
        return {**entry, "backend": {"service": {**service, "port": {"number": 8443}}}}
    port = {"number": other["spec"]["ports"][0]["port"]}
    return {**entry, "backend": {"service": {"name": other["metadata"]["name"], "port": port}}}


def _places(ingress: Manifest) -> Iterator[Place]:
    for rule in ingress["spec"].get("rules") or ():
        for entry in (rule.get("http") or {}).get("paths") or ():
            service = entry["backend"].get("service")
            if service:
                port = service.get("port") or {}
                yield (
                    rule.get("host", ""),
                    entry.get("path", "/"),
                    service["name"],
                    str(port.get("number") or port.get("name")),
                )


async def _ports(target: Target, namespace: str) -> dict[tuple[str, str], int]:
    """Numbers of the Services' ports by (Service, name)."""
    return {
        (service["metadata"]["name"], port["name"]): port["port"]
        for service in await target.list("Service", namespace)
        for port in service["spec"].get("ports") or ()
        if port.get("name")
    }


def _by_number(place: Place, ports: dict[tuple[str, str], int]) -> Place:
    host, path, service, port = place
    return host, path, service, str(ports.get((service, port), port))


def _numbered(entry: Manifest, ports: dict[tuple[str, str], int]) -> Manifest:
    service = entry["backend"]["service"]
    number = ports.get((service["name"], service["port"].get("name", "")), service["port"].get("number"))
    return {**entry, "backend": {"service": {"name": service["name"], "port": {"number": number}}}}
