"""The clock of a world in this process."""

from __future__ import annotations

import asyncio

import pytest

from aiops.bench.clock import WorldClock
from aiops.core.errors import AiopsError
from aiops.lab.world import START, World


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock(World("hotel", seed=1))


async def test_sleepers_share_time_and_wake_in_order(clock: WorldClock) -> None:
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now() - START))

    await asyncio.gather(sleeper("long", 20.0), sleeper("short", 7.0), sleeper("none", 0.0))
    assert [name for name, _ in woken] == ["none", "short", "long"]
    assert clock.now() == START + 20.0
    assert woken[1][1] == pytest.approx(7.0)


async def test_nobody_moves_the_time_while_it_is_held(clock: WorldClock) -> None:
    async with clock.frozen():
        sleeping = asyncio.create_task(_from_outside(clock, 5.0))
        for _ in range(20):
            await asyncio.sleep(0)
        assert clock.now() == START
        async with clock.frozen():
            assert clock.now() == START
    await sleeping
    assert clock.now() == START + 5.0


async def _from_outside(clock: WorldClock, seconds: float) -> None:
    """A sleeper that does not hold the clock itself, as it was started before."""
    import contextvars

    await asyncio.get_running_loop().create_task(clock.sleep(seconds), context=contextvars.Context())


async def test_who_holds_the_clock_cannot_sleep(clock: WorldClock) -> None:
    async with clock.frozen():
        with pytest.raises(AiopsError, match="wait for ever"):
            await clock.sleep(1.0)


async def test_what_is_planned_happens_at_its_moment_in_order(clock: WorldClock) -> None:
    happened: list[tuple[str, float]] = []

    def plan(name: str, after: float) -> None:
        async def happen() -> None:
            happened.append((name, clock.now() - START))

        clock.plan(START + after, happen)

    plan("third", 12.0)
    plan("first", 3.0)
    plan("second", 3.0)
    await clock.sleep(10.0)
    assert happened == [("first", 5.0), ("second", 5.0)]
    await clock.sleep(10.0)
    assert happened[2:] == [("third", 15.0)]
