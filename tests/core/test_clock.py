"""Times as text, and clocks that tests can move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.clock import Stopwatch, SystemClock, VirtualClock, from_rfc3339, rfc3339
from aiops.core.errors import InvalidInputError

MOMENTS = st.integers(min_value=0, max_value=4_000_000_000)


@given(MOMENTS)
def test_a_moment_survives_its_text(moment: int) -> None:
    assert from_rfc3339(rfc3339(moment)) == moment


@given(MOMENTS, st.integers(0, 999_999))
def test_micro_keeps_six_decimals(seconds: int, micros: int) -> None:
    moment = seconds + micros / 1e6
    assert from_rfc3339(rfc3339(moment, micro=True)) == pytest.approx(moment, abs=1.1e-6)


def test_known_text() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00Z"
    assert from_rfc3339("2026-01-02T03:04:05+01:00") == from_rfc3339("2026-01-02T02:04:05Z")
    assert from_rfc3339("2026-01-02T02:04:05") == from_rfc3339("2026-01-02T02:04:05Z")


def test_a_text_that_is_no_time_is_named() -> None:
    with pytest.raises(InvalidInputError, match="yesterday"):
        from_rfc3339("yesterday")


async def test_a_virtual_clock_moves_when_somebody_sleeps() -> None:
    clock = VirtualClock(100.0)
    await clock.sleep(5)
    await clock.spend(2)
    async with clock.frozen():
        assert clock.now() == await clock.sync() == 107.0


async def test_the_system_clock_does_not_charge_for_work() -> None:
    clock, watch = SystemClock(), Stopwatch()
    await clock.spend(3600)
    assert watch.seconds() < 60
    assert await clock.sync() == pytest.approx(clock.now(), abs=5)
