"""Admissions counted by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from aiops.bench.admitted import admitted_by_case, as_markdown, read_cases, still_to_try
from aiops.bench.line import Line
from aiops.bench.marks import marks, write_between_marks
from aiops.bench.scenario import Scenario
from aiops.core.errors import InvalidInputError


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


def test_scenarios_are_tried_until_each_case_has_enough() -> None:
    scenarios = [
        Scenario(kind="fault", case=case, application="hotel", seed=seed, calm=60.0)
        for seed in range(4)
        for case in ("a", "b")
    ]

    def tried(lines: list[Line], enough: int = 2) -> list[str]:
        return [one.id.partition("/")[2] for one in still_to_try(scenarios, lines, enough)]

    def done(name: str, admitted: bool) -> Line:
        return {"scenario": f"hotel/{name}", "case": name[0], "admitted": admitted, "error": None}

    assert tried([]) == ["a/0", "b/0", "a/1", "b/1"]
    first = [done("a/0", True), done("b/0", False), done("a/1", True), done("b/1", True)]
    assert tried(first) == ["b/2"]
    assert tried([*first, done("b/2", False)]) == ["b/3"]
    assert tried([*first, done("b/2", False), done("b/3", False)]) == []


def test_the_table_stands_between_the_marks_of_a_document(tmp_path: Path) -> None:
    file = tmp_path / "admitted.json"
    cases = admitted_by_case([line("b"), line("a", "nobody feels it"), line("a", "nobody feels it"), line("a", "x: 1")])
    file.write_bytes(orjson.dumps({"cases": cases, "scenarios": []}))
    table = as_markdown(read_cases(file))
    assert "2 cases, 4 scenarios drawn, 1 admitted (25.0%); of 1 cases more than 80% of what was drawn." in table
    assert "| network | a | 3 | 0 | nobody feels it (2); x |" in table
    first, last = marks("admitted")
    document = tmp_path / "document.md"
    document.write_text(f"before\n{first}\nold\n{last}\nafter\n")
    for _ in range(2):
        write_between_marks(document, "admitted", table)
        assert document.read_text() == f"before\n{first}\n{table}\n{last}\nafter\n"
    with pytest.raises(InvalidInputError, match="no place for a table"):
        write_between_marks(document, "likeness", table)
    with pytest.raises(InvalidInputError, match="No such file"):
        write_between_marks(tmp_path / "none.md", "admitted", table)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cases": {"a": {}}}', '{"cases": {"a": 1}}', '{"cases": []}'])
def test_what_is_no_result_of_an_admission(text: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text)
    with pytest.raises(InvalidInputError, match="not a result of 'aiops bench admit --json'"):
        read_cases(file)
