"""The file of a run: whole at every moment, and refused where it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from aiops.bench.results import Results, lines_to_keep, read_lines, read_summary
from aiops.core.errors import InvalidInputError


def test_lines_are_there_as_they_come_and_in_order_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.jsonl"
    results = Results(path)
    first, second = {"scenario": "a"}, {"scenario": "b"}
    results.add(second)
    assert orjson.loads(path.read_bytes()) == second
    results.add(first)
    results.finish([first, second], {"agent": "noop", "scenarios": 2})
    assert [orjson.loads(row) for row in path.read_bytes().splitlines()][:2] == [first, second]
    assert read_summary(path) == {"agent": "noop", "scenarios": 2}
    assert [item.name for item in path.parent.iterdir()] == ["run.jsonl"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="--json: cannot write"):
        Results(tmp_path / "file" / "run.jsonl")
    results = Results(tmp_path / "gone" / "run.jsonl")
    (tmp_path / "gone" / "run.jsonl").unlink()
    (tmp_path / "gone").rmdir()
    with pytest.raises(InvalidInputError, match=r"cannot write .*run\.jsonl"):
        results.add({"scenario": "a"})


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ({"scenarios": 1}, "the agent is missing"),
        ({"agent": "a", "scenarios": "x"}, "scenarios is no number"),
        ({"agent": "a", "scenarios": 1, "mitigated": "x"}, "mitigated is no figure"),
        ({"agent": "a", "scenarios": 1, "intervals": {"mitigated": [1]}}, "mitigated is no figure"),
        ({"agent": "a", "scenarios": 1, "intervals": 3, "detected": 1.0}, "detected is no figure"),
    ],
)
def test_what_is_no_summary_is_named(tmp_path: Path, summary: dict[str, Any], told: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(orjson.dumps({"summary": summary}))
    with pytest.raises(InvalidInputError, match=told):
        read_summary(path)


def played(name: str, **other: Any) -> dict[str, Any]:
    return {"scenario": name, "agent": "noop", "load": 1.0, "error": None, **other}


def test_a_run_goes_on_with_what_was_played_well(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    rows = [played("a"), played("b", error="ended by SIGKILL"), {"summary": {}}]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows) + b'{"scenario": "c", "ag')
    heads: dict[str, Any] = {"a": {"load": 1.0}, "b": {"load": 1.0}}
    assert [line["scenario"] for line in read_lines(path)] == ["a", "b"]
    kept = lines_to_keep(path, "noop", heads)
    assert kept == rows[:1]
    Results(path, kept).add(played("b"))
    assert [line["scenario"] for line in read_lines(path)] == ["a", "b"]
    assert lines_to_keep(tmp_path / "none.jsonl", "noop", heads) == []


@pytest.mark.parametrize(
    ("agent", "heads", "told"),
    [
        ("supervisor", {"a": {}}, "is of the agent 'noop', not of 'supervisor'"),
        ("noop", {"b": {}}, "holds a, which is not one"),
        ("noop", {"a": {"load": 0.7}}, "holds a, which is not one"),
    ],
)
def test_a_run_goes_on_only_with_its_own_lines(agent: str, heads: Any, told: str, tmp_path: Path) -> None:
    Results(tmp_path / "run.jsonl").add(played("a"))
    with pytest.raises(InvalidInputError, match=told):
        lines_to_keep(tmp_path / "run.jsonl", agent, heads)


@pytest.mark.parametrize("text", ["x\n", '{"a": 1}\n'])
def test_a_file_that_is_no_run_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text(text)
    with pytest.raises(InvalidInputError, match="not a result"):
        read_lines(tmp_path / "odd.jsonl")
