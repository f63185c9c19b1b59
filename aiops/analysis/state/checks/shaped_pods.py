"""Pods that got other resources than their template asks for, and fail or suffer with them."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, is_ready, statuses
from aiops.analysis.state.effective import Override, overrides, shapers
from aiops.analysis.state.placing.asking import amount
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import created_at, moment

RECENT = 3600.0
WELL = 0.65
"""What is left of the blame where the pod is well by itself: only its users can tell whether it has too little."""


@check("shaped-pods")
def shaped_pods(state: ClusterState) -> Iterator[Finding]:
    """Workloads whose pods have smaller limits than their template says, or limits that it does not name."""
    for workload in state.workloads():
        entity = Entity.of(workload)
        for pod in state.pods_of(entity):
            less = [one for one in overrides(state, pod) if one.part == "limits" and _is_less(one)]
            if less:
                yield _finding(state, entity, pod, less)
                break


def _is_less(one: Override) -> bool:
    return one.asked is None or amount(one.given) < amount(one.asked)


def _finding(state: ClusterState, entity: Entity, pod: Manifest, less: list[Override]) -> Finding:
    fails = any(not is_ready(one) or _was_killed(state, one) for one in state.pods_of(entity))
    weight = 1.0 if fails else WELL
    blamed = {h.subject: h for one in less for h in shapers(state, pod, one)}
    told = "; ".join(f"{one.container} {one.resource} {one.asked or 'none'} -> {one.given}" for one in less)
    return Finding(
        subject=entity,
        seen_in=Entity.of(pod),
        summary=f"Pods of {entity} have other limits than its template.",
        observed=told,
        score=0.9 if fails else 0.2,
        since=created_at(pod),
        suggests=tuple(h.model_copy(update={"strength": h.strength * weight}) for h in blamed.values()),
    )


def _was_killed(state: ClusterState, pod: Manifest) -> bool:
    for status in statuses(pod):
        ended = (status.get("lastState") or {}).get("terminated") or {}
        if ended.get("reason") == "OOMKilled" and state.now - (moment(ended.get("finishedAt")) or 0) < RECENT:
            return True
    return False
