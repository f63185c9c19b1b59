"""`aiops bench`: options, and files that it reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiops.cli.bench_scenarios import parse_seeds
from aiops.core.errors import InvalidInputError
from tests.support import forked


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", [3]), ("0..2", [0, 1, 2]), ("1, 5,9", [1, 5, 9]), ("0..1,1..2", [0, 1, 2])]
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["", "a", "1..", "..3", "3..1", "-1", "0..99999999", "1;2", "²", "9" * 5000, "0..600,700..1300"]
)
def test_what_are_no_seeds(text: str) -> None:
    with pytest.raises(InvalidInputError, match="--seeds"):
        parse_seeds(text)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--agent", "supervisr"], "no agent named 'supervisr'; did you mean supervisor"),
        (["run", "--suite", "smoky"], "no suite named 'smoky'"),
        (["run", "--seeds", "x"], "--seeds: 'x'"),
        (["run", "--only", "wrong_port"], "no case named 'wrong_port'"),
        (["scorecard", "--model", "any"], "no model is configured"),
        (["admitted", "odd.jsonl"], "odd.jsonl: not a result of 'aiops bench admit --json'"),
        (["report", "missing.jsonl"], "cannot read missing.jsonl"),
        (["report", "odd.jsonl"], "odd.jsonl: its last line is no summary"),
        (
            ["run", "--json", "odd.jsonl/x", "--only", "harmless_deploy", "--seeds", "0"],
            "--json: cannot write odd.jsonl/x",
        ),
    ],
)
def test_wrong_options_end_in_one_line(arguments: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"summary": {"scenarios": "x"}}')
    ended = forked.run("bench", *arguments, directory=tmp_path, environment=os.environ)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
