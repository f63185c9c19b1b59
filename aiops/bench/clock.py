"""The clock of a world in this process: time moves when somebody sleeps, and things happen at their moments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiops.core.clock import holding, pause, refuse_while_holding
from aiops.core.entity import Manifest
from aiops.lab.world import World

CLOSE_ENOUGH = 1e-6
"""Seconds by which two readings of one moment may differ."""

Happening = Callable[[], Awaitable[None]]
Receiver = Callable[[Manifest], None]
"""Takes the body of one notification of Alertmanager."""


class WorldClock:
    """Implements `aiops.core.clock.Clock` on a world.

    Sleepers share time: two sleeps of 60 s at once pass 60 s. While somebody holds `frozen()`, nobody moves the time.
    After each tick, what was planned for that moment happens and due alerts go to the receiver.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._planned: list[tuple[float, int, Happening]] = []
        self._receiver: Receiver | None = None
        self._wakes: list[float] = []
        self._turn = asyncio.Lock()
        self._holders = 0
        self._thawed = asyncio.Event()
        self._thawed.set()

    def now(self) -> float:
        return self._world.now

    async def sync(self) -> float:
        return self._world.now

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            refuse_while_holding()
        wake = self.now() + seconds
        self._wakes.append(wake)
        try:
            await pause(0)
            while self.now() < wake - CLOSE_ENOUGH:
                async with self._turn:
                    if self._holders == 0 and min(self._wakes) > self.now() + CLOSE_ENOUGH:
                        await self._step(min(self._wakes))
                await self._thawed.wait()
                await pause(0)  # those whose moment has come go first
        finally:
            self._wakes.remove(wake)

    async def spend(self, seconds: float) -> None:
        await self.sleep(seconds)

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return self._hold()

    def plan(self, moment: float, happening: Happening) -> None:
        """Let something happen at the first tick at or after a moment; in the order planned where moments are equal."""
        self._planned.append((moment, len(self._planned), happening))
        self._planned.sort(key=lambda item: item[:2])

    def send_alerts_to(self, receiver: Receiver) -> None:
        """Give every notification to `receiver`, in place of the one before."""
        self._receiver = receiver

    async def _step(self, wake: float) -> None:
        """Move the world by one tick, or up to `wake`, the earliest of all, where that comes first."""
        for _ in self._world.ticks(wake - self.now()):
            break
        while self._planned and self._planned[0][0] <= self.now() + CLOSE_ENOUGH:
            await self._planned.pop(0)[2]()
        if self._receiver is not None:
            for notification in self._world.alerts_due():
                self._receiver(notification.payload)
                self._world.alert_delivered(notification)

    @asynccontextmanager
    async def _hold(self) -> AsyncIterator[None]:
        async with self._turn:
            self._holders += 1
            self._thawed.clear()
        try:
            with holding():
                yield
        finally:
            self._holders -= 1
            if self._holders == 0:
                self._thawed.set()
