"""A pod that no node can take."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.selectors import subset
from aiops.analysis.state.cluster import ClusterState, moment
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism


@check("unschedulable")
def unschedulable(state: ClusterState) -> Iterator[Finding]:
    """Pods that the scheduler has turned down, with its reason, and the selector that no node meets."""
    for pod in state.of("Pod"):
        for condition in pod.get("status", {}).get("conditions", []):
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                yield _finding(state, pod, condition)


def _finding(state: ClusterState, pod: Manifest, condition: Manifest) -> Finding:
    seen = Entity.of({"kind": "Pod", **pod})
    subject = state.workload(pod) or seen
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"No node takes a pod of {subject}.",
        observed=str(condition.get("message", condition.get("reason", ""))),
        score=1.0,
        since=moment(condition.get("lastTransitionTime") or pod["metadata"].get("creationTimestamp")),
        suggests=_node_selector(state, pod, subject),
    )


def _node_selector(state: ClusterState, pod: Manifest, subject: Entity) -> tuple[Hypothesis, ...]:
    """Blame the node selector where no node has its labels; another shortage has no single field at fault."""
    wanted = pod["spec"].get("nodeSelector")
    nodes = [node["metadata"].get("labels", {}) for node in state.of("Node")]
    if not wanted or not nodes or any(subset(wanted, labels) for labels in nodes):
        return ()
    earlier = [t.get("spec", {}).get("nodeSelector") for t in state.templates(subject)]
    usable = (e for e in earlier if e != wanted and any(subset(e or {}, labels) for labels in nodes))
    path = "spec.template.spec.nodeSelector"
    return blame(subject, Mechanism.SCHEDULING_NODE_SELECTOR, 0.95, path, next(usable, None))
