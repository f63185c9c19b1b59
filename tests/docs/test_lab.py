"""The commands and the example of `docs/lab.md` exist and mean what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from aiops.cli.main import build
from aiops.core.errors import InvalidInputError
from aiops.lab.apps import load_application
from aiops.lab.apps.data import application_names

PAGE = (Path(__file__).parents[2] / "docs" / "lab.md").read_text()
COMMANDS = re.findall(r"^    \$ (aiops .*)$", PAGE, re.MULTILINE)
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_typed(line: str) -> None:
    _, group, *arguments = shlex.split(line)
    command = typer.main.get_command(build()).commands[group]  # type: ignore[attr-defined]
    if hasattr(command, "commands"):
        name, *arguments = arguments
        command = command.commands[name]
    assert command.make_context(command.name, arguments).params is not None


def test_the_table_lists_every_application() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == application_names()


def test_the_example_is_an_application(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(EXAMPLE)
    shop = load_application(str(path))
    assert shop.workloads["stock"].addresses == {
        "STOCK_CACHE_ADDR": "stock-cache:11211",
        "STOCK_DB_ADDR": "stock-db:5432",
    }
    assert shop.workloads["stock-db"].kind == "StatefulSet"
    assert shop.alerts["groups"][0]["name"] == "shop.slo"


def test_the_mistake_is_told_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (told,) = re.findall(r"`(shop\.yaml: .*?)`", PAGE)
    monkeypatch.chdir(tmp_path)
    data = yaml.safe_load(EXAMPLE.replace("call: stock GET", "call: stok GET"))
    Path("shop.yaml").write_text(yaml.safe_dump(data))
    with pytest.raises(InvalidInputError) as error:
        load_application("shop.yaml")
    assert str(error.value) == told
