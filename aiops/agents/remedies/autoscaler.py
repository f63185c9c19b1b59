"""Room for an autoscaler that may not ask for what it needs."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.set_autoscaler import set_autoscaler

GROWTH = 2
"""Factor by which the most may grow: what would be needed was never seen."""


@remedy(Mechanism.SCALING_BOUNDS)
async def raise_most(case: RemedyCase) -> list[Proposal]:
    """Double the most replicas that it may ask for, where that is what holds it."""
    scaler = case.cause.subject
    if not isinstance(scaler, Entity) or case.cause.field != "spec.maxReplicas":
        return []
    manifest = case.state.find(scaler.kind, scaler.namespace, scaler.name) or {}
    most = manifest.get("spec", {}).get("maxReplicas")
    if not isinstance(most, int):
        return []
    reason = f"{scaler} stands at its most of {most}, and its figure is above its target."
    effect = "The workload gets as many replicas as its figure asks for."
    return [case.propose(set_autoscaler, scaler, reason, effect, autoscaler=scaler, max_replicas=GROWTH * most)]
