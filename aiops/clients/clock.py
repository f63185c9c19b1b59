"""The clock of a lab in another process, which owns the time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

import httpx2
import orjson

from aiops.clients.transport import JSON, BearerAuth, HttpService, Retry
from aiops.core.clock import holding, monotonic, pause, refuse_while_holding
from aiops.core.errors import ServiceError, TransportError

ADVANCE_TIMEOUT = 600.0
"""Wall seconds that the lab may take to simulate one advance."""

CLOSE_ENOUGH = 1e-6
"""Seconds by which two readings of one moment may differ."""


class RemoteClock:
    """Implements `core.clock.Clock` with `GET /clock` and `POST /clock/advance` of a lab's control address.

    A lab without a speed is virtual: its time moves only when somebody sleeps. Sleepers share time: two sleeps of 60 s
    at once pass 60 s; the earliest to wake is woken first. While somebody holds `frozen()`, no sleeper moves the time.
    A lab with a speed runs by itself: sleeping waits `seconds / speed` of wall time.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        retry: Retry | None = None,
    ) -> None:
        auth = BearerAuth(token) if token else None
        self._http = HttpService("the lab's clock", url, auth=auth, transport=transport, retry=retry)
        self._now: float | None = None
        self._speed: float | None = None
        self._read_at = 0.0
        self._wakes: list[float] = []
        self._turn = asyncio.Lock()
        self._holders = 0
        self._thawed = asyncio.Condition()
        self._moving = False

    @classmethod
    async def connect(
        cls, url: str, *, token: str | None = None, transport: httpx2.AsyncBaseTransport | None = None
    ) -> RemoteClock:
        """A clock that knows the time already."""
        clock = cls(url, token=token, transport=transport)
        await clock.sync()
        return clock

    async def close(self) -> None:
        await self._http.close()

    def now(self) -> float:
        if self._now is None:
            raise TransportError(f"{self._http.name} has not been asked yet")
        if self._speed is None:
            return self._now
        return self._now + (monotonic() - self._read_at) * self._speed

    async def sync(self) -> float:
        return self._learn(await self._http.get("/clock"))

    async def sleep(self, seconds: float) -> None:
        if self._now is None:
            await self.sync()
        if self._speed is not None:
            await pause(max(seconds, 0.0) / self._speed)
            await self.sync()
        elif seconds > 0:
            await self._sleep_virtual(self.now() + seconds)

    async def spend(self, seconds: float) -> None:
        if self._now is None:
            await self.sync()
        if self._speed is None:
            await self.sleep(seconds)

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._speed is not None else self._hold()

    @asynccontextmanager
    async def _hold(self) -> AsyncIterator[None]:
        async with self._thawed:
            await self._thawed.wait_for(lambda: not self._moving)
            self._holders += 1
        try:
            with holding():
                yield
        finally:
            async with self._thawed:
                self._holders -= 1
                self._thawed.notify_all()

    async def _sleep_virtual(self, wake: float) -> None:
        refuse_while_holding()
        self._wakes.append(wake)
        try:
            await pause(0)  # let those who start to sleep at this same moment say so
            while self.now() < wake - CLOSE_ENOUGH:
                async with self._turn:
                    if not self._somebody_is_due():
                        await self._advance()
                if self.now() < wake - CLOSE_ENOUGH:
                    await pause(0)  # those whose moment has come go first
        finally:
            self._wakes.remove(wake)

    def _somebody_is_due(self) -> bool:
        return any(wake <= self.now() + CLOSE_ENOUGH for wake in self._wakes)

    async def _advance(self) -> None:
        """Move the lab to the earliest moment that somebody waits for."""
        async with self._thawed:
            await self._thawed.wait_for(lambda: self._holders == 0)
            self._moving = True
        try:
            now = self.now()
            seconds = min(wake for wake in self._wakes if wake > now + CLOSE_ENOUGH) - now
            body = orjson.dumps({"seconds": seconds})
            headers = httpx2.Headers({"Content-Type": JSON})
            self._learn(
                await self._http.send("POST", "/clock/advance", content=body, headers=headers, timeout=ADVANCE_TIMEOUT)
            )
            if self.now() <= now:
                raise ServiceError(f"{self._http.name} did not move when asked to advance {seconds} s", 200)
        finally:
            async with self._thawed:
                self._moving = False
                self._thawed.notify_all()

    def _learn(self, response: httpx2.Response) -> float:
        body = self._http.decoded(response)
        try:
            now, speed = float(body["now"]), body["speed"]
            self._speed = None if speed is None else float(speed)
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceError(f"{self._http.name}: not a clock: {body!r}", response.status_code) from error
        # Answers may overtake each other, but no time that was told once is taken back.
        self._now = now if self._now is None or self._speed is not None else max(now, self._now)
        self._read_at = monotonic()
        return self._now
