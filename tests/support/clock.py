"""The clock of a world in this process: it moves when somebody sleeps."""

from __future__ import annotations

from aiops.core.clock import VirtualClock, pause
from aiops.lab.world import World


class WorldClock(VirtualClock):
    """Implements `aiops.core.clock.Clock` on a world."""

    def __init__(self, world: World) -> None:
        super().__init__(world.now)
        self._world = world

    def now(self) -> float:
        return self._world.now

    async def sync(self) -> float:
        return self._world.now

    async def sleep(self, seconds: float) -> None:
        for _ in self._world.ticks(seconds):
            await pause(0)
