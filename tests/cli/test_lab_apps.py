"""`aiops lab apps`, and how commands name an application."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from aiops.cli.applications import application_name
from aiops.cli.lab import app
from aiops.core.errors import InvalidInputError
from aiops.lab.apps.data import application_names


def test_every_application_is_listed_with_its_figures() -> None:
    run = CliRunner().invoke(app, ["apps", "--json"])
    rows = {row["name"]: row for row in map(json.loads, run.stdout.splitlines())}
    assert list(rows) == application_names()
    assert rows["ticket"]["services"] >= 40
    assert rows["training"]["namespaces"] == 3
    assert rows["hotel"] == {
        "name": "hotel",
        "services": 9,
        "stores": 11,
        "nodes": 3,
        "namespaces": 1,
        "requests_per_second": 80,
    }


def test_the_table_tells_of_drawn_ones() -> None:
    shown = CliRunner().invoke(app, ["apps"]).stdout
    assert "requests per second" in shown
    assert "random:N" in shown


@pytest.mark.parametrize(
    ("given", "services", "name"),
    [
        ("social", None, "social"),
        ("random", None, "random:30"),
        ("random", 60, "random:60"),
        ("random:5", None, "random:5"),
    ],
)
def test_names(given: str, services: int | None, name: str) -> None:
    assert application_name(given, services) == name


def test_a_written_application_has_its_services() -> None:
    with pytest.raises(InvalidInputError, match="--services is for --app random"):
        application_name("hotel", 60)
