"""More replicas for a workload that cannot carry its load."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.tools.scale import scale
from aiops.tools.set_autoscaler import set_autoscaler

GROWTH = 2
"""Factor by which the replicas grow: how much more would come was never seen."""


@remedy(Mechanism.LOAD_INCREASE)
async def scale_out(case: RemedyCase) -> list[Proposal]:
    """Double the replicas, or the most that its autoscaler may ask for.

    Only of a Deployment that runs as several already: a single one may hold what two of it would not share."""
    workload = case.cause.subject
    if not isinstance(workload, Entity) or workload.kind != "Deployment":
        return []
    manifest = case.state.find(workload.kind, workload.namespace, workload.name) or {}
    now = manifest.get("spec", {}).get("replicas", 1)
    if now < GROWTH:
        return []
    effect = f"{workload} carries the requests that come."
    scaler = _scaler(case, workload)
    if scaler is None:
        reason = f"Users send more than {now} replicas of {workload} can carry."
        return [case.propose(scale, workload, reason, effect, workload=workload, replicas=GROWTH * now)]
    most, entity = scaler["spec"].get("maxReplicas", now), Entity.of(scaler)
    if now < most:
        return []
    reason = f"{entity} may not ask for more than {most} replicas of {workload}, and these are too few."
    return [case.propose(set_autoscaler, entity, reason, effect, autoscaler=entity, max_replicas=GROWTH * most)]


def _scaler(case: RemedyCase, workload: Entity) -> Manifest | None:
    for scaler in case.state.of("HorizontalPodAutoscaler", workload.namespace):
        target = scaler["spec"].get("scaleTargetRef", {})
        if (target.get("kind"), target.get("name")) == (workload.kind, workload.name):
            return scaler
    return None
