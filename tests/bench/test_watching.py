"""How the continuous watch is measured."""

from __future__ import annotations

from aiops.bench import watching
from aiops.bench.decoys.registry import DECOYS
from aiops.bench.scenario import drawn
from aiops.bench.watching import Seen
from aiops.lab.world import World


def _seen(case: str, seen: float | None, felt: float | None, *, kind: str = "fault") -> Seen:
    return Seen(case=case, kind=kind, seen=seen, felt=felt, signals=int(seen is not None))


def test_a_fault_that_all_requests_feel_is_felt_and_told_at_once(world: World) -> None:
    scenario = drawn("fault", "wrong_target_port", "hotel", 1, DECOYS.names(), with_decoys=True)
    one = watching.watched(world, scenario)
    assert one is not None
    assert one.felt is not None
    assert one.felt <= 2 * watching.GRAIN
    assert one.seen is not None
    assert one.seen <= 60.0
    assert one.signals == 1


def test_what_is_missed_counts_as_seen_at_the_end() -> None:
    found = watching.figures(
        None, [_seen("a", 30.0, 15.0), _seen("b", None, 15.0), _seen("c", None, 45.0), _seen("d", None, None)]
    )
    assert (found["faults"], found["felt"], found["seen"]) == (4, 3, 1)
    assert found["median_delay_from_onset"] == watching.WATCHED


def test_cases_without_a_fault_are_counted_for_themselves() -> None:
    found = watching.figures(None, [_seen("a", 30.0, None, kind="none"), _seen("b", None, None, kind="none")])
    assert (found["cases_without_fault"], found["alarms_without_fault"], found["felt"]) == (2, 1, 0)
