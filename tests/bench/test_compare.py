"""Two runs, scenario by scenario."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.bench.compare import compare, comparison_table
from aiops.core.errors import InvalidInputError


def run(solved: list[bool], *, alarm: bool = False) -> list[dict[str, Any]]:
    faults = [line(f"a/{number}", mitigated=one) for number, one in enumerate(solved)]
    return [*faults, line("none/0", kind="none", detected=alarm)]


def line(name: str, **other: Any) -> dict[str, Any]:
    found = {"scenario": name, "kind": "fault", "admitted": True, "detected": True, "mitigated": True, "harmed": False}
    return {**found, "localized": True, "mechanism": True, **other}


def test_what_is_better_in_every_pair_is_clear() -> None:
    found = compare(run([False] * 10, alarm=True), run([True] * 10))
    assert found["scenarios"] == 11
    assert found["mitigated"] == {"a": 0.0, "b": 1.0, "difference": 1.0, "interval": [1.0, 1.0], "clear": True}
    assert found["false_alarms"]["difference"] == -1.0  # type: ignore[call-overload, index]
    assert found["detected"]["clear"] is False  # type: ignore[call-overload, index]
    assert len(comparison_table(found, "one", "other").rows) == 6


def test_one_more_of_ten_may_be_luck() -> None:
    found = compare(run([True] * 5 + [False] * 5), run([True] * 6 + [False] * 4))
    assert found["mitigated"]["difference"] == 0.1  # type: ignore[call-overload, index]
    assert found["mitigated"]["clear"] is False  # type: ignore[call-overload, index]


def test_only_equal_scenarios_that_count_are_paired() -> None:
    one, other = (
        [line("a"), line("b", admitted=False), line("c", load=0.7)],
        [line("a"), line("b"), line("c", load=1.1)],
    )
    assert compare(one, other)["scenarios"] == 1
    assert compare(one, other)["false_alarms"] is None
    with pytest.raises(InvalidInputError, match="no scenario in common"):
        compare(one[1:], other)
