"""`aiops detect` scores each row of a file and tells the stretches that are strange."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aiops.cli.main import build
from aiops.cli.terminal import console
from aiops.core.errors import InvalidInputError


def _run(*arguments: str) -> Result:
    console.cache_clear()  # it holds the standard output of its first use
    return CliRunner().invoke(build(), ["detect", *arguments])


def _rows(odd: bool) -> list[str]:
    draw = random.Random(1)
    return [
        f"{1000 + 15 * i},{draw.gauss(10, 1):.3f},{draw.gauss(5, 1) + (9 if odd and 300 <= i < 340 else 0):.3f}"
        for i in range(600)
    ]


def _file(folder: Path, rows: list[str]) -> str:
    path = folder / "metrics.csv"
    path.write_text("\n".join(["time,a,b", *rows]))
    return str(path)


def test_scores_are_in_the_order_of_the_file_and_intervals_in_that_of_time(tmp_path: Path) -> None:
    found = json.loads(_run(_file(tmp_path, _rows(odd=True)), "--json").stdout)
    assert len(found["scores"]) == 600
    ((start, end, score),) = found["intervals"]
    assert abs(start - (1000 + 15 * 300)) <= 300
    assert abs(end - (1000 + 15 * 339)) <= 300
    assert score == max(found["scores"])
    turned = json.loads(_run(_file(tmp_path, _rows(odd=True)[::-1]), "--json").stdout)
    assert turned["scores"] == found["scores"][::-1]
    assert turned["intervals"] == found["intervals"]


def test_people_see_a_table_or_that_nothing_is_strange(tmp_path: Path) -> None:
    shown = _run(_file(tmp_path, _rows(odd=True))).stdout.split()
    assert shown[:3] == ["from", "to", "score"]
    assert abs(float(shown[3]) - 5500.0) <= 300
    assert "nothing strange in 30 rows" in _run(_file(tmp_path, ["1,2,3"] * 30)).stdout


def test_unusable_input_is_refused(tmp_path: Path) -> None:
    ended = _run(_file(tmp_path, ["x,1,2"]))
    assert isinstance(ended.exception, InvalidInputError)
    assert "metrics.csv, line 2" in str(ended.exception)
    with pytest.raises(InvalidInputError):
        raise ended.exception
