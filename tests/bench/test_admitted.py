"""Admissions counted by case."""

from __future__ import annotations

from typing import Any

from aiops.bench.admitted import admitted_by_case


def line(case: str, reason: str = "", error: str | None = None) -> dict[str, Any]:
    return {"case": case, "category": "network", "reason": reason, "error": error}


def test_reasons_are_counted_without_their_figures() -> None:
    lines = [
        line("b"),
        line("a", "nobody feels it"),
        line("a", "the reference fix does not cure it: 91 % good answers"),
        line("a", "the reference fix does not cure it: 92 % good answers"),
        line("a", error="ended by SIGKILL"),
        line("a"),
    ]
    assert list(admitted_by_case(lines)) == ["a", "b"]
    assert admitted_by_case(lines)["a"] == {
        "category": "network",
        "drawn": 5,
        "admitted": 1,
        "refused": {"ended by SIGKILL": 1, "nobody feels it": 1, "the reference fix does not cure it": 2},
    }
    assert admitted_by_case(lines)["b"]["refused"] == {}  # type: ignore[call-overload, index]
