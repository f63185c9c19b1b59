"""A Service that sends to a port on which the pods behind it do not listen."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.before import template_before
from aiops.analysis.state.cluster import ClusterState, containers
from aiops.analysis.state.network.meant_backend import stranded_workload
from aiops.analysis.state.network.service_ports import declared_ports, implied_target, port_path, resolve, target_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

ELSEWHERE = 0.2
"""What is left where the Service selects pods that it was not meant for: their ports say nothing of its own."""


@check("service-target-port", whole=("Deployment", "StatefulSet", "DaemonSet"))
def service_target_port(state: ClusterState) -> Iterator[Finding]:
    """Service ports whose target no selected workload declares."""
    for service in state.of("Service"):
        workloads = state.backends(service)
        for port in service.get("spec", {}).get("ports", []):
            wrong = [w for w in workloads if _undeclared(port, w)]
            if wrong and len(wrong) == len(workloads):
                yield _finding(state, service, port, wrong[0])


def _undeclared(port: Manifest, workload: Manifest) -> bool:
    """Declares the workload ports, but not this one?"""
    ports = declared_ports(workload)
    number = resolve(port, workload)
    return bool(ports) and all(p.number != number for p in ports)


def _finding(state: ClusterState, service: Manifest, port: Manifest, workload: Manifest) -> Finding:
    entity = Entity.of(service)
    target = target_of(port)
    declared = ", ".join(f"{p.name or '-'}={p.number}" for p in declared_ports(workload))
    refused = _refused(state, service, port["port"])
    named = isinstance(target, str) and not target.isdigit()
    strength = 0.95 if named or refused else 0.6
    if stranded_workload(state, service) is not None:
        strength = ELSEWHERE
    moved = _moved(state, port, workload)
    blamed = (
        blame(Entity.of(workload), Mechanism.CONFIG_TARGET_PORT, strength, moved)
        if moved
        else blame(
            entity, Mechanism.CONFIG_TARGET_PORT, strength, port_path(service, port), implied_target(port, workload)
        )
    )
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=f"{entity} sends port {port['port']} to {target}, which {Entity.of(workload)} does not declare.",
        observed=f"targetPort {target}; container ports: {declared}" + ("; callers are refused" if refused else ""),
        score=0.9,
        suggests=blamed,
    )


def _moved(state: ClusterState, port: Manifest, workload: Manifest) -> str | None:
    """The path of the workload's ports, where its revision before declared what the Service asks for."""
    before = template_before(state, Entity.of(workload))
    former = {**workload, "spec": {**workload["spec"], "template": before}} if before else None
    if former is None or _undeclared(port, former):
        return None
    now = {c["name"]: c.get("ports") for c in containers(workload)}
    changed = [c["name"] for c in containers(former) if c.get("ports") != now.get(c["name"])]
    return f"spec.template.spec.containers[{changed[0]}].ports" if changed else None


def _refused(state: ClusterState, service: Manifest, number: int) -> bool:
    """Are calls through this Service port refused?"""
    for call in state.calls:
        if "refused" in call.error_type and call.error_ratio > 0 and call.port in (None, number):
            found = state.service_of_host(call.host, call.source.namespace)
            if found is not None and Entity.of(found) == Entity.of(service):
                return True
    return False
