"""Blame follows the calls as far as callees account for it; what was odd before tells nothing; a fault is felt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiops.analysis.rootcause.from_recordings.excess import VANISHED, excess
from aiops.analysis.rootcause.from_recordings.flow import KEPT, followed
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.pooling import combined, pooled
from aiops.analysis.rootcause.from_recordings.ranking import ordered
from aiops.analysis.rootcause.from_recordings.verdict import judge, reachable
from aiops.analysis.rootcause.from_recordings.window import find_window, height
from tests.analysis.rootcause.from_recordings.test_panel import made


def arr(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_a_callee_that_covers_the_excess_gets_the_blame() -> None:
    kept = followed(0, [(0, 1), (1, 2)], arr(10, 9, 9), arr(9, 9, 9), 3)
    assert kept.argmax() == 2
    assert np.isclose(kept.sum(), 1.0)


def test_a_callee_that_covers_little_of_it_leaves_the_blame() -> None:
    kept = followed(0, [(0, 1)], arr(10, 1), arr(9, 9), 2)
    assert np.allclose(kept, [0.9, 0.1])


def test_a_callee_that_does_not_stand_out_gets_none() -> None:
    assert np.allclose(followed(0, [(0, 1)], arr(10, 10), arr(9, 1), 2), [1, 0])


def test_calls_in_a_circle_end() -> None:
    kept = followed(0, [(0, 1), (1, 2), (2, 0), (2, 1), (1, 1)], arr(5, 5, 5), arr(9, 9, 9), 3)
    assert np.isclose(kept.sum(), 1.0)
    assert kept.argmax() == 2


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20),
    st.lists(st.floats(0, 1e6), min_size=6, max_size=6),
    st.permutations(range(6)),
)
@example([(0, 1)], [1e6, 5e-324, 0.0, 0.0, 0.0, 0.0], [0, 1, 2, 3, 4, 5])
def test_blame_is_handed_on_whole_and_follows_the_numbers(
    calls: list[tuple[int, int]], amount: list[float], renumbered: list[int]
) -> None:
    amounts, z = np.array(amount), np.full(6, 9.0)
    kept = followed(0, calls, amounts, z, 6)
    assert np.isclose(kept.sum(), 1.0)
    moved = np.empty(6)
    moved[renumbered] = amounts
    other = followed(renumbered[0], [(renumbered[a], renumbered[b]) for a, b in calls], moved, z, 6)
    assert np.allclose(other[renumbered], kept, atol=1e-6)
    assert kept[0] >= KEPT - 1e-9


def shop(slow: float, odd: float = 1.0, gone: bool = False, rows: int = 60) -> Panel:
    """A target (0) that calls 1 and 2; from row 45 on 1 is `slow` and the target with it; 2 was `odd` all along."""
    rng = np.random.default_rng(3)
    series: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for entity in range(3):
        for row in range(rows):
            late = row >= 45
            base = 1.0 + 0.02 * rng.standard_normal()
            factor = slow if late and entity in (0, 1) else odd if entity == 2 and row >= 38 else 1.0
            if not (gone and late and entity == 2):
                series.setdefault((entity, "latency mean"), []).append((row * 10.0, base * factor))
            series.setdefault((entity, "cpu"), []).append((row * 10.0, 1 + 0.1 * rng.standard_normal()))
    return made(series)


CALLS = [(0, 1), (0, 2)]


@pytest.mark.parametrize("late", [0.0, 60.0, 150.0])
def test_the_start_is_found_where_the_onset_is_told_late(late: float) -> None:
    window = find_window(shop(2.0), 450.0 + late, None, (0,))
    assert window.start == 450.0
    assert np.isclose(window.weights.sum(), 1.0)
    assert not window.weights[:45].any()


def test_the_start_is_found_where_nobody_tells_an_onset() -> None:
    assert find_window(shop(2.0), None, None, (0,)).start == 450.0


def test_what_was_odd_before_the_start_departs_little() -> None:
    panel = shop(2.0, odd=3.0)
    found = excess(panel, find_window(panel, 450.0, 300.0, (0,)))
    latency = {int(e): z for e, z, k in zip(panel.entity, found.z, panel.kinds, strict=True) if k == "latency"}
    assert latency[1] > 10
    assert latency[2] < 3


def test_what_was_always_there_and_is_gone_departs() -> None:
    panel = shop(2.0, gone=True)
    found = excess(panel, find_window(panel, 450.0, None, (0,)))
    gone = found.z[(panel.entity == 2) & (panel.kinds == "latency")]
    assert gone.tolist() == [VANISHED]


def test_a_fault_is_seen_and_normal_time_is_none() -> None:
    for slow, fault in ((2.0, True), (1.0, False)):
        panel = shop(slow)
        window = find_window(panel, 450.0, 450.0, (0,))
        verdict = judge(panel, window, panel.times < 450, (0,), CALLS)
        assert verdict.fault is fault
        assert verdict.p is not None


def test_trouble_that_nothing_called_explains_and_users_do_not_feel_is_no_fault() -> None:
    panel = shop(1.0, odd=5.0)
    window = find_window(panel, 450.0, 450.0, (0,))
    assert not judge(panel, window, panel.times < 450, (0,), CALLS).fault


def test_with_too_few_normal_rows_deviations_decide() -> None:
    panel = shop(2.0)
    known = np.zeros(60, dtype=bool)
    known[35:45] = True
    assert judge(panel, find_window(panel, 450.0, None, (0,)), known, (0,), CALLS).p is None


def test_what_is_reachable() -> None:
    assert reachable([0], [(0, 1), (1, 2), (2, 0), (3, 4)]) == {1, 2}


def test_a_single_row_is_no_height() -> None:
    assert height(arr(0, 0, 8, 0)) == 4.0
    assert height(arr()) == 0.0


def test_inside_and_outside_are_pooled_by_the_largest() -> None:
    panel = shop(1.0)
    z = np.where(panel.kinds == "latency", 4.0, -7.0)
    internal, external = pooled(panel, z, 4)
    assert internal.tolist() == [7.0, 7.0, 7.0, 0.0]
    assert external.tolist() == [4.0, 4.0, 4.0, 0.0]
    assert combined(internal, external)[3] == 0.0


def test_ties_are_told_apart_by_traits_and_neighbours() -> None:
    score, traits = np.zeros(4), np.zeros((4, 1))
    traits[0] = -1.0
    first = ordered(score, traits, [(0, 2), (3, 1)])
    back = [3, 1, 0, 2]
    moved = np.zeros((4, 1))
    moved[3] = -1.0
    assert [back[e] for e in first] == ordered(score, moved, [(3, 0), (2, 1)])
