"""A Service that selects no workload's pods, or another one's."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, template_labels
from aiops.analysis.state.network.meant_backend import nearest_workload, selector_for, stranded_workload
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

FAILING, BY_NAME = 0.9, 0.6
"""Strength where a Service sends to a neighbour: with calls by it that fail, and by its name alone."""


@check("service-selector", whole=("Deployment", "StatefulSet", "DaemonSet", "Pod"))
def service_selector(state: ClusterState) -> Iterator[Finding]:
    """Services with a selector that no pod template and no pod meets, and those that send to pods of a workload
    which has a Service of its own, instead of the workload of their name or beside it."""
    for service in state.of("Service"):
        if not service.get("spec", {}).get("selector"):
            continue
        if not state.backends(service) and not state.selected(service):
            yield _selects_nothing(state, service)
        elif stranded := stranded_workload(state, service):
            yield _selects_another(state, service, stranded)
        elif strangers := _strangers(state, service):
            yield _selects_more(state, service, strangers)


def _selects_nothing(state: ClusterState, service: Manifest) -> Finding:
    entity, selector = Entity.of(service), service["spec"]["selector"]
    meant = nearest_workload(state, service)
    wanted = selector_for(service, meant) if meant else None
    near = f"; the nearest workload is {Entity.of(meant)} with {template_labels(meant)}" if meant else ""
    strength = 0.9 if meant else 0.5
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=f"{entity} selects no pod.",
        observed=f"selector {selector}{near}",
        score=0.9,
        suggests=blame(entity, Mechanism.CONFIG_SELECTOR, strength, "spec.selector", wanted),
    )


def _selects_another(state: ClusterState, service: Manifest, stranded: Manifest) -> Finding:
    entity, meant = Entity.of(service), Entity.of(stranded)
    others = ", ".join(str(Entity.of(workload)) for workload in state.backends(service))
    # Names are a habit and no rule: without calls that fail, or a change, this is not enough to act on.
    strength = FAILING if _fails(state, service) else BY_NAME
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=f"{entity} sends to {others}, which has a Service of its own; none sends to {meant}.",
        observed=f"selector {service['spec']['selector']}; {meant} has {template_labels(stranded)}",
        score=0.6,
        suggests=blame(entity, Mechanism.CONFIG_SELECTOR, strength, "spec.selector", selector_for(service, stranded)),
    )


def _strangers(state: ClusterState, service: Manifest) -> list[Manifest]:
    """The workloads that a Service selects beside that of its name, though each has a Service of its own name."""
    namespace, name = service["metadata"].get("namespace", ""), service["metadata"]["name"]
    behind = state.backends(service)
    if name not in [workload["metadata"]["name"] for workload in behind]:
        return []
    others = [workload for workload in behind if workload["metadata"]["name"] != name]
    return [w for w in others if state.find("Service", namespace, w["metadata"]["name"]) is not None]


def _selects_more(state: ClusterState, service: Manifest, strangers: list[Manifest]) -> Finding:
    entity = Entity.of(service)
    others = ", ".join(str(Entity.of(workload)) for workload in strangers[:5])
    own = next(w for w in state.backends(service) if w["metadata"]["name"] == entity.name)
    strength = FAILING if _fails(state, service) else BY_NAME
    return Finding(
        subject=entity,
        seen_in=entity,
        summary=f"{entity} also sends to {others}, which have Services of their own.",
        observed=f"selector {service['spec']['selector']} selects {len(strangers) + 1} workloads",
        score=0.7,
        suggests=blame(entity, Mechanism.CONFIG_SELECTOR, strength, "spec.selector", _narrow(own)),
    )


def _narrow(workload: Manifest) -> dict[str, str] | None:
    """The labels by which a workload knows its own pods."""
    found: dict[str, str] | None = workload["spec"].get("selector", {}).get("matchLabels")
    return found


def _fails(state: ClusterState, service: Manifest) -> bool:
    """Do calls fail that go by this Service?"""
    return any(
        call.error_ratio > 0 and state.service_of_host(call.host, call.source.namespace) is service
        for call in state.calls
    )
