"""The file of a run: whole at every moment, and refused where it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from aiops.bench.results import Results, read_summary
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
