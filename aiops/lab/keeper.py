"""Moves a world's time, and delivers its alerts as it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress

import httpx2

from aiops.core.clock import monotonic, pause
from aiops.core.disturbance import Disturbance
from aiops.core.target import Standing
from aiops.lab.world import World

log = logging.getLogger(__name__)

REAL_TIME_STEP = 0.1
"""Wall seconds between two moves of a lab that runs by itself."""

REACTION = 0.01
"""Wall seconds after a write before the controllers of such a lab act on it, with the others of that time."""

DELIVERY_TIMEOUT = 5.0


class Keeper:
    """The one place that moves the time of a world; implements `lab_api.Timekeeper`.

    After each tick the alerts that are due are posted, and the time waits for the receiver's answer: so the receiver
    gets them at their simulated moment. A notification that nobody took stays due.
    """

    def __init__(
        self, world: World, *, speed: float | None = None, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self.speed = speed
        self._world = world
        self._moving = asyncio.Lock()
        self._http = httpx2.AsyncClient(timeout=DELIVERY_TIMEOUT, transport=transport, trust_env=False)
        self._receiver: tuple[str, str] | None = None

    def now(self) -> float:
        return self._world.now

    def send_alerts_to(self, url: str, token: str) -> None:
        self._receiver = (url, token)

    def begin(self, name: str, disturbance: Disturbance) -> None:
        self._world.disturbances.begin(name, disturbance)

    def end(self, name: str) -> bool:
        return self._world.disturbances.end(name)

    def standing(self) -> Mapping[str, Standing]:
        return self._world.disturbances.standing()

    def feels(self, disturbance: Disturbance) -> bool:
        return self._world.disturbances.feels(disturbance)

    def reliance(self) -> Mapping[str, float]:
        return self._world.disturbances.reliance()

    async def advance(self, seconds: float) -> None:
        """Move the time; concurrent callers take turns."""
        async with self._moving:
            for _ in self._world.ticks(seconds):
                await self._deliver()
                await pause(0)  # lets the API servers answer between two ticks

    async def run(self, speed: float) -> None:
        """Move the time `speed` times as fast as the wall clock, until cancelled. Controllers act soon after each
        write, as somebody who types does not wait for ticks."""
        written, last = asyncio.Event(), monotonic()
        forget = self._world.cluster.history.subscribe(written.set)
        try:
            while True:
                if await _set_within(written, REAL_TIME_STEP):
                    await pause(REACTION)
                moment = monotonic()
                await self.advance((moment - last) * speed)
                last = moment
                if written.is_set():
                    self._world.react()
                    written.clear()  # what is left after many rounds goes on with the next tick
        finally:
            forget()

    async def close(self) -> None:
        await self._http.aclose()

    async def _deliver(self) -> None:
        if self._receiver is None:
            return
        url, token = self._receiver
        for notification in self._world.alerts_due():
            try:
                reply = await self._http.post(
                    url, json=notification.payload, headers={"Authorization": f"Bearer {token}"}
                )
                reply.raise_for_status()
            except httpx2.HTTPError as error:
                log.warning("alert receiver: %s", error)
                return
            self._world.alert_delivered(notification)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, so many wall seconds at the most. Was it set?"""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
