"""Which workload a Service was meant for, where its selector selects none or another one's pods."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState, template_labels
from aiops.core.entity import Entity, Manifest


def nearest_workload(state: ClusterState, service: Manifest) -> Manifest | None:
    """The workload that shares the Service's name or most of its selector, and that no other Service selects."""
    selector: dict[str, str] = service["spec"]["selector"]
    taken = _selected_by_others(state, service)

    def likeness(workload: Manifest) -> float:
        labels = template_labels(workload)
        shared = sum(labels.get(key) == value for key, value in selector.items()) / len(selector)
        return shared + float(workload["metadata"]["name"] == service["metadata"]["name"])

    free = [w for w in state.workloads(_namespace(service)) if Entity.of(w) not in taken]
    best = max(free, key=likeness, default=None)
    return best if best is not None and likeness(best) > 0 else None


def stranded_workload(state: ClusterState, service: Manifest) -> Manifest | None:
    """The workload of the Service's own name that no Service selects, while all that this one selects have another
    Service already; None where the Service serves its namesake, or may well be meant as it is."""
    selected = {Entity.of(w) for w in state.backends(service)}
    taken = _selected_by_others(state, service)
    if not selected or not selected <= taken:
        return None
    for workload in state.workloads(_namespace(service)):
        namesake = workload["metadata"]["name"] == service["metadata"]["name"]
        if namesake and Entity.of(workload) not in selected | taken and selector_for(service, workload):
            return workload
    return None


def selector_for(service: Manifest, workload: Manifest) -> dict[str, str] | None:
    """The selector with the workload's values for its keys; keys that the workload does not have are dropped."""
    labels = template_labels(workload)
    return {key: labels[key] for key in service["spec"]["selector"] if key in labels} or None


def _selected_by_others(state: ClusterState, service: Manifest) -> set[Entity]:
    own = service["metadata"]["name"]
    others = [s for s in state.of("Service", _namespace(service)) if s["metadata"]["name"] != own]
    return {Entity.of(w) for other in others for w in state.backends(other)}


def _namespace(item: Manifest) -> str:
    return str(item["metadata"].get("namespace", ""))
