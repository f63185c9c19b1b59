"""Does nothing."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, agent
from aiops.bench.agents.strategy import Strategy


@agent("noop")
class Noop(Strategy):
    """Does nothing, and says that nothing is wrong."""

    async def act(self) -> None:
        self.said = Claim(fault=False, state="did nothing")
