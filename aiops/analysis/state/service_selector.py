"""A Service that selects no workload's pods."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, template_labels
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism


@check("service-selector")
def service_selector(state: ClusterState) -> Iterator[Finding]:
    """Services with a selector that no pod template and no pod meets."""
    for service in state.of("Service"):
        selector = service.get("spec", {}).get("selector")
        if selector and not state.backends(service) and not state.selected(service):
            yield _finding(state, service, selector)


def _finding(state: ClusterState, service: Manifest, selector: dict[str, str]) -> Finding:
    entity = Entity.of(service)
    meant = _meant(state, service, selector)
    wanted = _selector_for(selector, meant) if meant else None
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


def _meant(state: ClusterState, service: Manifest, selector: dict[str, str]) -> Manifest | None:
    """The workload that shares the Service's name or most of its selector, and that no other Service selects."""
    namespace = service["metadata"].get("namespace", "")
    taken = {Entity.of(w) for s in state.of("Service", namespace) if s is not service for w in state.backends(s)}

    def likeness(workload: Manifest) -> float:
        labels = template_labels(workload)
        shared = sum(labels.get(key) == value for key, value in selector.items()) / len(selector)
        return shared + float(workload["metadata"]["name"] == service["metadata"]["name"])

    free = [w for w in state.workloads(namespace) if Entity.of(w) not in taken]
    best = max(free, key=likeness, default=None)
    return best if best is not None and likeness(best) > 0 else None


def _selector_for(selector: dict[str, str], workload: Manifest) -> dict[str, str] | None:
    """The selector with the workload's values for its keys; keys that the workload does not have are dropped."""
    labels = template_labels(workload)
    return {key: labels[key] for key in selector if key in labels} or None
