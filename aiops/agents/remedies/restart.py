"""Pods that only a restart helps, or that a restart helps for a while."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.rollout_restart import rollout_restart
from aiops.tools.rollout_undo import rollout_undo

LEAKS = (Mechanism.APP_MEMORY_LEAK, Mechanism.APP_CONNECTION_LEAK, Mechanism.APP_FILE_LEAK)


@remedy(Mechanism.APP_DEADLOCK, *LEAKS)
async def restart(case: RemedyCase) -> list[Proposal]:
    """Roll a version back that was just rolled out; else restart: of a deadlock that is the cure, of a leak it helps
    until it has leaked again."""
    workload = case.cause.subject
    if not isinstance(workload, Entity) or workload.kind not in WORKLOAD_KINDS:
        return []
    found = []
    if workload.kind == "Deployment" and case.state.templates(workload) and _was_rolled_out(case, workload):
        reason = f"It began when {workload} was rolled out; the revision before did not do so."
        effect = f"{workload} runs as it did before."
        found.append(case.propose(rollout_undo, workload, reason, effect, workload=workload))
    for_a_while = case.cause.mechanism in LEAKS
    reason = f"Processes of {workload} {'fill up again and again' if for_a_while else 'answer nothing any more'}."
    effect = f"New pods of {workload} serve{', until these are full as well' if for_a_while else ''}."
    return [*found, case.propose(rollout_restart, workload, reason, effect, workload=workload)]


def _was_rolled_out(case: RemedyCase, workload: Entity) -> bool:
    return any(
        change.entity == workload and any(field.path.startswith("spec.template.") for field in change.fields)
        for change in case.changes
    )
