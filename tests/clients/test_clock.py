"""The remote clock: who may move the time of a lab, and how far."""

from __future__ import annotations

import asyncio
from contextvars import copy_context

import httpx2
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.clients.clock import RemoteClock
from aiops.core.clock import pause
from aiops.core.errors import AiopsError, ServiceError, TransportError

START = 1000.0


class Lab:
    """The control address of a lab."""

    def __init__(self, speed: float | None = None) -> None:
        self.now = START
        self.speed = speed
        self.advances: list[float] = []
        self.transport = httpx2.MockTransport(self._answer)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Authorization"] == "Bearer key"
        if request.url.path == "/clock/advance":
            await pause(0)
            self.advances.append(orjson.loads(request.content)["seconds"])
            self.now += self.advances[-1]
        return httpx2.Response(200, json={"now": self.now, "speed": self.speed})

    async def clock(self) -> RemoteClock:
        return await RemoteClock.connect("http://lab", token="key", transport=self.transport)


async def test_knows_the_time_once_it_has_asked():
    lab = Lab()
    clock = RemoteClock("http://lab", token="key", transport=lab.transport)
    with pytest.raises(TransportError, match="not been asked"):
        clock.now()
    assert await clock.sync() == START
    lab.now = 1234.0
    assert clock.now() == START
    assert await clock.sync() == clock.now() == 1234.0


async def test_an_answer_that_comes_late_does_not_turn_time_back():
    lab = Lab()
    clock = await lab.clock()
    lab.now = START - 5
    assert await clock.sync() == clock.now() == START


async def test_sleeping_moves_the_time():
    lab = Lab()
    clock = await lab.clock()
    await clock.sleep(60)
    await clock.spend(5)
    await clock.sleep(0)
    assert clock.now() == lab.now == START + 65


async def test_sleepers_share_time():
    lab = Lab()
    clock = await lab.clock()
    await asyncio.gather(clock.sleep(60), clock.sleep(60))
    assert lab.now == START + 60


async def test_the_earliest_wakes_first():
    lab = Lab()
    clock = await lab.clock()
    woken = []

    async def nap(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.now()))

    await asyncio.gather(nap(60), nap(10), nap(30))
    assert woken == [(10, START + 10), (30, START + 30), (60, START + 60)]
    assert lab.advances == [10, 20, 30]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=4), min_size=1, max_size=5))
def test_parallel_sleeps_take_as_long_as_the_longest_chain(chains):
    async def run() -> float:
        lab = Lab()
        clock = await lab.clock()

        async def chain(naps: list[int]) -> None:
            for seconds in naps:
                start = clock.now()
                await clock.sleep(seconds)
                assert clock.now() >= start + seconds

        await asyncio.gather(*map(chain, chains))
        return lab.now - START

    assert asyncio.run(run()) == pytest.approx(max(map(sum, chains)))


async def test_a_holder_keeps_the_time_still():
    lab = Lab()
    clock = await lab.clock()
    outside = copy_context()
    async with clock.frozen(), clock.frozen():
        sleeper = asyncio.create_task(clock.sleep(10), context=outside)
        for _ in range(20):
            await pause(0)
        assert lab.now == START
    await sleeper
    assert lab.now == START + 10


async def test_holding_waits_until_the_time_stands():
    lab = Lab()
    clock = await lab.clock()
    sleeper = asyncio.create_task(clock.sleep(10))
    while not lab.advances:
        await pause(0)
    async with clock.frozen():
        seen = lab.now
        await pause(0)
        assert lab.now == seen
    await sleeper


async def test_sleeping_while_holding_is_an_error_and_no_deadlock():
    clock = await Lab().clock()
    async with clock.frozen():
        with pytest.raises(AiopsError, match="wait for ever"):
            await clock.spend(1)
        later = asyncio.create_task(_after(clock))
    assert await later == START + 1


async def _after(clock: RemoteClock) -> float:
    """Begun inside a hold, sleeping after its end."""
    await pause(0.01)
    await clock.sleep(1)
    return clock.now()


async def test_a_cancelled_sleeper_is_forgotten():
    lab = Lab()
    clock = await lab.clock()
    outside = copy_context()
    async with clock.frozen():
        sleeper = asyncio.create_task(clock.sleep(1000), context=outside)
        await pause(0)
        sleeper.cancel()
        await asyncio.gather(sleeper, return_exceptions=True)
    await clock.sleep(5)
    assert lab.now == START + 5


async def test_with_a_speed_time_runs_by_itself():
    lab = Lab(speed=100_000.0)
    clock = await lab.clock()
    first = clock.now()
    await pause(0.001)
    assert clock.now() > first
    await clock.spend(1e9)
    async with clock.frozen():
        await clock.sleep(10)
    assert lab.advances == []


async def test_a_lab_that_does_not_move_is_reported():
    stuck = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"now": 5.0, "speed": None}))
    clock = await RemoteClock.connect("http://lab", transport=stuck)
    with pytest.raises(ServiceError, match="did not move"):
        await clock.sleep(1)


@pytest.mark.parametrize("body", [{}, {"now": "x", "speed": None}, {"now": 1}, [1], {"now": 1, "speed": "fast"}])
async def test_what_is_no_clock_is_reported(body):
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=body))
    with pytest.raises(ServiceError, match="not a clock"):
        await RemoteClock.connect("http://lab", transport=transport)
