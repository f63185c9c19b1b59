"""A pod that no node can take."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.makers import maker_of
from aiops.analysis.state.placing.blaming import suspects
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import moment


@check("unschedulable")
def unschedulable(state: ClusterState) -> Iterator[Finding]:
    """Pods that the scheduler has turned down, with its reasons, and whose setting each reason comes from."""
    said: set[tuple[Entity, str]] = set()
    for pod in state.of("Pod"):
        for condition in pod.get("status", {}).get("conditions", []):
            if condition["type"] != "PodScheduled" or condition["status"] != "False":
                continue
            subject = maker_of(state, pod)
            message = str(condition.get("message", condition.get("reason", "")))
            if (subject, message) not in said:
                said.add((subject, message))
                yield _finding(state, pod, subject, condition, message)


def _finding(state: ClusterState, pod: Manifest, subject: Entity, condition: Manifest, message: str) -> Finding:
    return Finding(
        subject=subject,
        seen_in=Entity.of(pod),
        summary=f"No node takes a pod of {subject}.",
        observed=message,
        score=1.0,
        since=moment(condition.get("lastTransitionTime") or pod["metadata"].get("creationTimestamp")),
        suggests=tuple(suspects(state, pod, subject, message)),
    )
