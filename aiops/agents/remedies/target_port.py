"""A Service's port back to where its pods listen."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.patch_service import patch_service


@remedy(Mechanism.CONFIG_TARGET_PORT)
async def target_port(case: RemedyCase) -> list[Proposal]:
    """Send the Service port to the port that the selected containers declare."""
    service, path, wanted = case.cause.subject, case.cause.field, case.cause.wanted
    if not isinstance(service, Entity) or path is None or wanted is None:
        return []
    reason = f"The containers behind {service} declare port {wanted}."
    effect = f"Calls to {service} reach a listening process again."
    return [case.propose(patch_service, service, reason, effect, service=service, path=path, value=wanted)]
