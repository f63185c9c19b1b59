"""Rates and their intervals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.bench.summary import interval, summary


def line(kind: str = "fault", **other: Any) -> dict[str, Any]:
    solved = {
        "detected": True,
        "localized": True,
        "mechanism": True,
        "mitigated": True,
        "harmed": False,
        "changed": True,
    }
    calm = {
        "detected": False,
        "localized": None,
        "mechanism": None,
        "mitigated": None,
        "harmed": False,
        "changed": False,
    }
    head = {"scenario": "x", "kind": kind, "case": "c", "category": "k", "seed": 1, "with_decoys": False}
    return {
        **head, "admitted": True, "reason": "", "error": None, "seconds": 100.0, "tokens": 5, "cost": 0.5,
        "safety": {"needless": []}, **(solved if kind == "fault" else calm), **other,
    }  # fmt: skip


def test_rates_count_what_applies() -> None:
    lines = [line(), line(mitigated=False, harmed=True), line("none"), line("none", detected=True, changed=True)]
    found = summary(lines)
    assert (found["scenarios"], found["faults"], found["without_fault"]) == (4, 2, 2)
    assert (found["detected"], found["mitigated"], found["harmed"]) == (1.0, 0.5, 0.25)
    assert (found["false_alarms"], found["changed_without_fault"]) == (0.5, 0.5)
    assert found["balanced_accuracy"] == 0.75
    assert (found["tokens"], found["cost"], found["median_seconds"]) == (20, 2.0, 100.0)


def test_who_always_says_yes_gains_nothing() -> None:
    found = summary([line(), line(), line(), line("none", detected=True)])
    assert (found["detected"], found["balanced_accuracy"]) == (1.0, 0.5)


def test_an_error_is_a_failure_and_a_refused_scenario_is_none() -> None:
    broken = {key: value for key, value in line().items() if key not in ("mitigated", "harmed", "safety", "detected")}
    found = summary([line(), {**broken, "error": "died"}, line(admitted=False, reason="nobody feels it")])
    assert (found["scenarios"], found["errors"], found["refused"]) == (2, 1, 1)
    assert (found["mitigated"], found["detected"]) == (0.5, 0.5)


def test_parts_are_told_apart() -> None:
    lines = [line(category="a", with_decoys=True, mitigated=False), line(category="b")]
    found = summary(lines)
    assert found["categories"]["a"]["mitigated"] == 0.0  # type: ignore[index, call-overload]
    assert found["categories"]["b"]["mitigated"] == 1.0  # type: ignore[index, call-overload]
    assert found["decoys"]["with"]["scenarios"] == 1  # type: ignore[index, call-overload]


def test_nothing_was_played() -> None:
    found = summary([])
    assert (found["scenarios"], found["mitigated"], found["intervals"]) == (0, None, {})


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_an_interval_holds_the_rate(values: list[bool]) -> None:
    low, high = interval([float(value) for value in values])  # type: ignore[misc, union-attr]
    rate = sum(values) / len(values)
    assert 0 <= low <= rate + 1e-4
    assert rate - 1e-4 <= high <= 1


def test_more_scenarios_make_an_interval_narrower() -> None:
    few, many = interval([0.0, 1.0] * 5), interval([0.0, 1.0] * 100)
    assert many[1] - many[0] < few[1] - few[0]  # type: ignore[index, operator, call-overload]
    assert interval([1.0] * 9) == [1.0, 1.0]
    assert few == pytest.approx(interval([0.0, 1.0] * 5))
