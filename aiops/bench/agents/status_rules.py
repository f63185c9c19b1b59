"""What rule-based scanners do: read status fields, take the first rule that matches, make its obvious fix."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, agent
from aiops.bench.agents.status_checks import CHECKS, Finding, State
from aiops.bench.agents.strategy import Strategy
from aiops.core.errors import AiopsError

ROUNDS = 2
"""Findings that are acted on, one after the other."""

WAIT = 120.0
"""Simulated seconds between a fix and the next look."""


@agent("status-rules")
class StatusRules(Strategy):
    """Reads the status of pods, rollouts, Services and Ingresses; fixes the first thing that a rule knows."""

    async def act(self) -> None:
        self.said = Claim(fault=False, state="every status is fine")
        for number in range(ROUNDS):
            found = await self._first()
            if found is None:
                return
            if number == 0:
                mechanism = found.mechanism.value
                self.said = Claim(fault=True, subject=str(found.subject), mechanism=mechanism, state=found.text)
            if found.fix is None:
                return
            try:
                await found.fix(self.room.access.kube)
            except AiopsError:
                return
            await self.room.clock.sleep(WAIT)

    async def _first(self) -> Finding | None:
        state = await State.read(self.room.access.kube, self.room.namespace)
        return next((finding for check in CHECKS if (finding := check(state)) is not None), None)
