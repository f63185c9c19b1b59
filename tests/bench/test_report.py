"""How results are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from aiops.bench.report import as_markdown, families_as_markdown, progress, refusals, table
from aiops.bench.results import read_summary
from aiops.core.errors import InvalidInputError

SUMMARY = {
    "agent": "noop",
    "scenarios": 3,
    "detected": 0.5,
    "intervals": {"detected": [0.25, 0.75]},
    "median_seconds": 210.0,
}


def test_a_table_in_markdown_has_a_row_for_each_agent() -> None:
    rows = as_markdown([SUMMARY, {**SUMMARY, "agent": "supervisor"}]).splitlines()
    assert len(rows) == 4
    assert "0.50 [0.25, 0.75]" in rows[2]
    assert rows[2].count("|") == rows[0].count("|")
    assert "| 210 |" in rows[3]


def test_text_from_a_cluster_is_no_markup() -> None:
    screen = Console(record=True, width=200)
    line = {"scenario": "hotel/[red]x/1", "admitted": False, "reason": "[bold]no", "error": None}
    screen.print(refusals([line]))
    screen.print(table([{**SUMMARY, "agent": "[red]noop"}]))
    shown = screen.export_text()
    assert "hotel/[red]x/1" in shown
    assert "[bold]no" in shown
    assert "[red]noop" in shown


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"scenario": "a"}', '{"summary": 3}', '{"summary": {"x": 1}}'])
def test_a_file_without_a_summary_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(text)
    with pytest.raises(InvalidInputError, match=r"a\.jsonl: its last line is no summary"):
        read_summary(file)
    with pytest.raises(InvalidInputError, match="cannot read"):
        read_summary(tmp_path / "none")


def test_progress_of_each_end() -> None:
    base = {"scenario": "a/b/1", "admitted": True, "reason": "", "error": None, "wall_seconds": 1.0}
    assert (
        progress({**base, "state": "resolved", "mitigated": True, "detected": True})
        == "a/b/1: detected, mitigated (resolved, 1.0 s)"
    )
    assert progress({**base, "error": "died"}) == "a/b/1: error: died"
    assert progress({**base, "admitted": False, "reason": "nobody feels it"}) == "a/b/1: not admitted: nobody feels it"


def test_families_stand_in_one_table_for_all_agents() -> None:
    one = {"agent": "a", "localized": 0.5, "mitigated": 0.25}
    two = {"agent": "b", "localized": None, "mitigated": 1.0}
    found = families_as_markdown(
        [
            {**one, "categories": {"network": {"scenarios": 2, "localized": 0.5, "mitigated": 0.0}}},
            {**two, "categories": {"load": {"scenarios": 1, "localized": 1.0, "mitigated": None}}},
        ]
    )
    assert found.splitlines() == [
        "| family | a | b |",
        "| --- | --: | --: |",
        "| load | - / - | 1.00 / - |",
        "| network | 0.50 / 0.00 | - / - |",
        "| all | 0.50 / 0.25 | - / 1.00 |",
    ]
