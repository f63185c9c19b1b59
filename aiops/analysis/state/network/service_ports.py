"""Which container port a Service's port leads to."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.analysis.state.cluster import ClusterState, containers
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import list_key


@dataclass(frozen=True, slots=True)
class DeclaredPort:
    """A port that a container of a pod template declares."""

    name: str
    number: int
    protocol: str


def declared_ports(workload: Manifest) -> list[DeclaredPort]:
    """The ports of a workload's containers, in their order. A hint only: a process may listen on others."""
    return [
        DeclaredPort(port.get("name", ""), int(port["containerPort"]), port.get("protocol", "TCP"))
        for container in containers(workload)
        for port in container.get("ports", [])
    ]


def target_of(port: Manifest) -> int | str:
    """What a Service port sends to: `targetPort`, or the port itself where it is not given."""
    target: int | str = port.get("targetPort") or port["port"]
    return target


def resolve(port: Manifest, workload: Manifest) -> int | None:
    """The container port number that a Service port leads to in pods of `workload`; None for an unknown name."""
    target = target_of(port)
    if isinstance(target, int):
        return target
    if target.isdigit():
        return int(target)
    protocol = port.get("protocol", "TCP")
    return next((p.number for p in declared_ports(workload) if (p.name, p.protocol) == (target, protocol)), None)


def implied_target(port: Manifest, workload: Manifest) -> int | None:
    """The declared port that a Service port was most likely meant for: the one of its name, of its number, or the
    only one."""
    protocol = port.get("protocol", "TCP")
    ports = [p for p in declared_ports(workload) if p.protocol == protocol]
    named = [p.number for p in ports if p.name and p.name == port.get("name")]
    same = [p.number for p in ports if p.number == port["port"]]
    only = [ports[0].number] if len({p.number for p in ports}) == 1 else []
    return next(iter([*named, *same, *only]), None)


def port_path(service: Manifest, port: Manifest) -> str:
    """The path of a Service port's `targetPort`."""
    ports = service["spec"]["ports"]
    key = list_key(ports)
    return f"spec.ports[{port[key] if key else ports.index(port)}].targetPort"


def backend_ports(state: ClusterState, service: Manifest, number: int) -> list[tuple[Entity, Manifest, int]]:
    """(workload, its manifest, container port) behind a port number of a Service; not where it leads to a port that the
    workload does not have."""
    found = []
    for port in service.get("spec", {}).get("ports", []):
        if port["port"] != number:
            continue
        for workload in state.backends(service):
            resolved = resolve(port, workload)
            declared = [p.number for p in declared_ports(workload)]
            if resolved is not None and (not declared or resolved in declared):
                found.append((Entity.of(workload), workload, resolved))
    return found
