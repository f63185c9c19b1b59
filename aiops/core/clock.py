"""Time. Nothing outside this module reads the machine's clock or sleeps.

All times are unix seconds (float, UTC). Code takes a `Clock`, so that the embedded lab can own the time and a test
never waits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Protocol

from aiops.core.errors import AiopsError, InvalidInputError


class Clock(Protocol):
    """Where the time comes from: this machine, or a lab that owns it."""

    def now(self) -> float:
        """The current moment in unix seconds, as last known. Never blocks."""
        ...

    async def sync(self) -> float:
        """Ask the owner of the time what moment it is, and return it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock."""
        ...

    async def spend(self, seconds: float) -> None:
        """Account for work that takes `seconds`: passes on a virtual clock, does nothing on a real one."""
        ...

    def frozen(self) -> AbstractAsyncContextManager[None]:
        """While held, a virtual clock does not move, so that parallel reads see one moment."""
        ...


class SystemClock:
    """This machine's clock: the one to use with a real cluster."""

    def now(self) -> float:
        return time.time()

    async def sync(self) -> float:
        return self.now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def spend(self, seconds: float) -> None:
        """Real work has taken its time already."""

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class VirtualClock:
    """A clock that moves only when somebody sleeps on it. For tests and in-process use."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    async def sync(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)

    async def spend(self, seconds: float) -> None:
        await self.sleep(seconds)

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class _Hold:
    """One use of `frozen()`. Tasks started inside inherit it, also those that outlive it."""

    active = True


_hold: ContextVar[_Hold | None] = ContextVar("hold", default=None)


@contextmanager
def holding() -> Iterator[None]:
    """Mark the running task, and those that it starts, as holding a virtual clock still: for `frozen()` of a clock."""
    hold = _Hold()
    mark = _hold.set(hold)
    try:
        yield
    finally:
        hold.active = False
        _hold.reset(mark)


def refuse_while_holding() -> None:
    """Raise `AiopsError` where the running task holds the clock still: its sleep would never end."""
    hold = _hold.get()
    if hold is not None and hold.active:
        raise AiopsError("sleeping while holding the clock still would wait for ever")


class Stopwatch:
    """Wall seconds since it was made; for figures about ourselves, never for decisions."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._start


def monotonic() -> float:
    """Wall seconds from an arbitrary start, never going back: to tell how much wall time has passed."""
    return time.monotonic()


def cpu_seconds() -> float:
    """The CPU time that this process has used, for measuring how much work something is."""
    return time.process_time()


async def pause(seconds: float) -> None:
    """Wait in wall time, whatever the incident's clock says: for polling a process or backing off from a server."""
    await asyncio.sleep(seconds)


def rfc3339(moment: float, *, micro: bool = False) -> str:
    """Kubernetes' text form of unix seconds: `2026-01-02T03:04:05Z`, or with six decimals (`micro`)."""
    shape = "%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ"
    return datetime.fromtimestamp(moment, UTC).strftime(shape)


def from_rfc3339(text: str) -> float:
    """Unix seconds of an RFC 3339 text. Raises `InvalidInputError` where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(f"not an RFC 3339 time: {text!r}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
