"""Packets that are lost, load that rises, and programs as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.disturbance import disturbance_of
from aiops.lab.apps import load_application
from aiops.lab.disturbances.book import DisturbanceBook
from aiops.lab.disturbances.paths import retransmitted
from aiops.lab.disturbances.programs import behave
from aiops.lab.disturbances.surges import surge
from tests.lab.disturbances.strategies import behaviours


@given(st.floats(0, 1), st.floats(0.01, 60))
def test_loss_is_a_share_and_takes_time(loss: float, timeout: float) -> None:
    lost, delay, variance = retransmitted(loss, timeout)
    assert 0 <= lost <= 1
    assert delay >= 0
    assert variance >= 0


@given(st.floats(0, 0.9), st.floats(0.01, 0.1))
def test_more_loss_is_worse_and_more_patience_helps(loss: float, more: float) -> None:
    assert retransmitted(loss + more, 5.0)[0] > retransmitted(loss, 5.0)[0]
    assert retransmitted(loss + more, 60.0)[0] <= retransmitted(loss + more, 1.0)[0]


def test_without_loss_nothing_happens() -> None:
    assert retransmitted(0.0, 5.0) == (0.0, 0.0, 0.0)


@given(behaviours)
def test_a_behaviour_leaves_the_program_of_the_image_alone(data: dict[str, object]) -> None:
    misbehaviour = disturbance_of({"kind": "misbehaviour", "pods": {}, "behaviours": [data]})
    for program in load_application("hotel").programs.values():
        before = program.model_dump_json()
        behave(program, misbehaviour.behaviours[0], 10.0)
        assert program.model_dump_json() == before


def test_load_rises_to_its_height() -> None:
    now = 0.0
    book = DisturbanceBook(lambda: now)
    assert surge(book, now, ["a"], ["x", "y"]) is None
    book.add("one", disturbance_of({"kind": "load.increase", "factor": 5, "operations": ["x"], "rise_seconds": 100}))
    factors = [surge(book, moment, ["a"], ["x", "y"]) for moment in (0.0, 50.0, 200.0)]
    assert [factor.tolist() for factor in factors if factor is not None] == [[[1, 1]], [[3, 1]], [[5, 1]]]


@given(st.floats(1.1, 50), st.floats(1, 60), st.integers(1, 10))
def test_clients_in_step_are_as_many_as_ever(factor: float, seconds: float, periods: int) -> None:
    period = seconds * (periods + 1)
    book = DisturbanceBook(lambda: 0.0)
    beat = {"kind": "load.in_step", "factor": factor, "seconds": seconds, "period_seconds": period}
    book.add("one", disturbance_of(beat))
    together, rest = surge(book, seconds / 2, ["a"], ["x"]), surge(book, seconds * 1.01, ["a"], ["x"])
    assert together is not None
    assert rest is not None
    assert float(together[0, 0]) * seconds + float(rest[0, 0]) * (period - seconds) == pytest.approx(period)
    assert rest[0, 0] >= 0
