"""Spans as columns tell where time went, and who never answered."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.traces.calls import NOBODY, SEVERAL, called, lost_on_calls, unanswered
from aiops.analysis.traces.columns import calls_between, error_begins, is_call, self_times


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@st.composite
def forests(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(parent, start, duration) of spans in which children lie inside their parents."""
    parent, start, duration = [-1], [0.0], [100.0]
    for index in range(1, draw(st.integers(1, 12))):
        above = draw(st.integers(-1, index - 1))
        room = duration[above] if above >= 0 else 100.0
        begin = draw(st.floats(0, 0.9)) * room
        parent.append(above)
        start.append((start[above] if above >= 0 else 0.0) + begin)
        duration.append(draw(st.floats(0.01, 1)) * (room - begin))
    return ints(*parent), np.array(start), np.array(duration)


def uncovered(index: int, parent: np.ndarray, start: np.ndarray, duration: np.ndarray) -> float:
    """Seconds of a span in which none of its children runs, one child after the other."""
    reached, covered = start[index], 0.0
    for child in sorted(np.flatnonzero(parent == index), key=lambda number: start[number]):
        begin, end = max(start[child], reached), start[child] + duration[child]
        covered += max(end - begin, 0.0)
        reached = max(reached, end)
    return float(duration[index] - covered)


@given(forests())
def test_self_times_are_what_children_do_not_cover(spans: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    parent, start, duration = spans
    expected = [uncovered(index, parent, start, duration) for index in range(len(parent))]
    assert np.allclose(self_times(parent, start, duration), expected, atol=1e-6)


def test_a_child_with_a_skewed_clock_is_moved_inside_its_parent() -> None:
    found = self_times(ints(-1, 0), np.array([10.0, 70.0]), np.array([5.0, 3.0]))
    assert np.allclose(found, [2.0, 3.0])


def test_the_calling_side_is_told_from_the_answering_one() -> None:
    entity, parent = ints(0, 0, 1, 1), ints(-1, 0, 1, 2)
    assert is_call(entity, parent).tolist() == [False, True, False, False]
    assert calls_between(entity, parent) == [(0, 1)]


def test_an_error_begins_at_the_deepest_span_that_erred() -> None:
    begins = error_begins(ints(-1, 0, 1, 0), np.array([True, True, True, False]))
    assert begins.tolist() == [False, False, True, False]


def test_whom_a_span_calls() -> None:
    entity, parent = ints(0, 1, 2, 0, 1, 0), ints(-1, 0, 0, -1, 3, -1)
    assert called(entity, parent).tolist() == [SEVERAL, NOBODY, NOBODY, 1, NOBODY, NOBODY]


def test_a_call_without_its_usual_answer_is_missed() -> None:
    """Ten requests of entity 0 to entity 1, then one without an answer."""
    entity = ints(*([0, 1] * 10), 0)
    parent = ints(*(value for i in range(10) for value in (-1, 2 * i)), -1)
    old = np.arange(21) < 20
    found = unanswered(entity, entity, parent, old)
    assert found[20] == 1
    assert (found[:20] == NOBODY).all()


def test_the_end_with_more_late_calls_lost_the_time() -> None:
    """0, 1 and 2 call 3, all of them late; 0 calls 4 in time."""
    entity, callee = ints(0, 1, 2, 0), ints(3, 3, 3, 4)
    late = np.array([True, True, True, False])
    lost = lost_on_calls(entity, callee, np.array([1.0, 1.0, 1.0, 0.0]), late, np.ones(4, dtype=bool), 5)
    assert np.isclose(lost.sum(), 3.0)
    assert lost.argmax() == 3
    assert lost[3] > 2
