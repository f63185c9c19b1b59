"""`aiops logs templates` reads any file of lines, and shows no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aiops.cli.main import build
from aiops.cli.terminal import console
from aiops.core.errors import InvalidInputError


def _run(*arguments: str) -> Result:
    console.cache_clear()  # it holds the standard output of its first use
    return CliRunner().invoke(build(), ["logs", "templates", *arguments])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(
        b"served 7 items\r\nlogin password=hunter2\nserved 9 items\n\xff\x1b]0;x\x07 [bold]odd\n\nserved 1\ritems"
    )
    return path


def test_each_line_has_a_template(log: Path) -> None:
    ended = _run(str(log), "--json")
    assert ended.exit_code == 0
    found = json.loads(ended.stdout)
    texts = [template["template"] for template in found["templates"]]
    assert [texts[index] for index in found["lines"]][:3] == [
        "served <*> items",
        "login password=<*>",
        "served <*> items",
    ]
    assert [template["count"] for template in found["templates"]] == [3, 1, 1, 1]
    assert [template["id"] for template in found["templates"]] == [0, 1, 2, 3]
    assert found["lines"][5] == 0
    assert "hunter2" not in ended.stdout


def test_people_see_a_table(log: Path) -> None:
    ended = _run(str(log), "--limit", "2")
    assert ended.exit_code == 0
    assert "served <*> items" in ended.stdout
    assert "2 more" in ended.stdout
    assert "\x1b]" not in _run(str(log)).stdout


def test_an_empty_file_has_no_templates(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert json.loads(_run(str(tmp_path / "empty"), "--json").stdout) == {
        "templates": [],
        "lines": [],
    }


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = _run(str(tmp_path / "none"))
    assert isinstance(ended.exception, InvalidInputError)
    assert "none cannot be read" in str(ended.exception)
