"""A node that is to be emptied and cannot be, since a disruption budget lets no pod go."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.selectors import matches
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.makers import maker_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

PATIENCE = 120.0
"""Seconds that a drain may take to move a pod."""

CORDONED = "node.kubernetes.io/unschedulable"


@check("blocked-drain")
def blocked_drain(state: ClusterState) -> Iterator[Finding]:
    """Budgets that allow no disruption though all their pods are well, with pods on a cordoned node."""
    cordoned = {n["metadata"]["name"]: _since(n) for n in state.of("Node") if n.get("spec", {}).get("unschedulable")}
    for budget in state.of("PodDisruptionBudget") if cordoned else ():
        held = [pod for pod in _pods(state, budget) if pod["spec"].get("nodeName") in cordoned]
        since = min((cordoned[pod["spec"]["nodeName"]] for pod in held), default=state.now)
        if not held or not _is_too_strict(budget) or state.now - since < PATIENCE:
            continue
        entity = Entity.of(budget)
        spec = budget["spec"]
        field = next((f"spec.{name}" for name in ("minAvailable", "maxUnavailable") if name in spec), "spec")
        yield Finding(
            subject=maker_of(state, held[0]),
            seen_in=entity,
            summary=f"{entity} lets no pod go from {held[0]['spec']['nodeName']}, which is to be emptied.",
            observed=f"{field} {spec.get(field.removeprefix('spec.'))}, {len(held)} pod(s) left there",
            score=0.7,
            since=since,
            suggests=blame(entity, Mechanism.SCHEDULING_DISRUPTION_BUDGET, 0.85, field),
        )


def _is_too_strict(budget: Manifest) -> bool:
    """Does it allow nothing while all its pods are healthy? With fewer it does its duty."""
    status = budget.get("status") or {}
    healthy, expected = int(status.get("currentHealthy") or 0), int(status.get("expectedPods") or 0)
    return healthy >= max(expected, 1) and not status.get("disruptionsAllowed")


def _pods(state: ClusterState, budget: Manifest) -> list[Manifest]:
    selector, namespace = budget["spec"].get("selector"), budget["metadata"].get("namespace", "")
    return [pod for pod in state.of("Pod", namespace) if matches(selector, pod["metadata"].get("labels") or {})]


def _since(node: Manifest) -> float:
    """When the node was cordoned, as its taint tells; long ago where it does not."""
    times = [moment(t.get("timeAdded")) for t in node["spec"].get("taints") or () if t.get("key") == CORDONED]
    return next((at for at in times if at is not None), 0.0)
