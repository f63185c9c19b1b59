"""A link that carries too few bytes: whoever came and fills it is stopped, or the pods leave the node that has it."""

from __future__ import annotations

from aiops.agents.remedies.culprit import stop
from aiops.agents.remedies.evacuation import evacuation
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.mechanism import Mechanism


@remedy(Mechanism.NETWORK_BANDWIDTH)
async def bandwidth(case: RemedyCase) -> list[Proposal]:
    """Each of the two looks for itself whether the cause is of its kind."""
    return [*await stop(case), *await evacuation(case)]
