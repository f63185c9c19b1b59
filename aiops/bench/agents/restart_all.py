"""Restarts everything."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, agent
from aiops.bench.agents.strategy import Strategy
from aiops.bench.cures import restart_everything


@agent("restart-all")
class RestartAll(Strategy):
    """Restarts every workload of the application, as `kubectl rollout restart` does it."""

    async def act(self) -> None:
        await restart_everything(self.room.access.kube, self.room.namespace, self.room.clock.now())
        self.said = Claim(fault=True, state="restarted everything")
