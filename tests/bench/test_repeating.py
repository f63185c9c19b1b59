"""Lines of two runs, compared."""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.line import Line
from aiops.bench.repeating import backwards, unequal
from aiops.bench.scenario import Scenario


def line(name: str, **other: JsonValue) -> Line:
    return {"scenario": name, "detected": True, "wall_seconds": 1.0, **other}


def test_only_what_tells_of_the_machine_may_differ() -> None:
    first = [line("a"), line("b"), line("c", ttd=3.0), line("d")]
    second = [line("c", ttd=4.0), line("b", detected=False), line("a", wall_seconds=9.0), line("e")]
    assert unequal(first, second) == {
        "b": ["detected"],
        "c": ["ttd"],
        "d": ["detected", "scenario"],
        "e": ["detected", "scenario", "wall_seconds"],
    }
    assert unequal(first, list(reversed(first))) == {}


def test_backwards_keeps_worlds_together() -> None:
    scenarios = [
        Scenario(kind="fault", case=case, application=place, seed=1, calm=60.0)
        for place, case in (("hotel", "a"), ("hotel", "b"), ("social", "c"))
    ]
    assert [one.case for one in backwards(scenarios)] == ["c", "b", "a"]
