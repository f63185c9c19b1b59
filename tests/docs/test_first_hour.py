"""The commands, settings, addresses and examples of `docs/first-hour.md` exist and mean what the page says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from fastapi.routing import APIRoute

from aiops.agents.ask.known import Known
from aiops.agents.ask.routing import route
from aiops.agents.ask.understanding import understand
from aiops.agents.scan.reading import DEADLINE
from aiops.agents.scan.report import Severity
from aiops.analysis.state.cluster import ClusterState
from aiops.cli.main import build
from aiops.clients.kubernetes import PAGE
from aiops.core.entity import Entity
from aiops.core.settings import Settings
from aiops.server.ask_routes import router as ask_router
from aiops.server.scan_routes import router as scan_router

PAGE_TEXT = (Path(__file__).parents[2] / "docs" / "first-hour.md").read_text()
COMMANDS = re.findall(r"^\$ (aiops .*)$", PAGE_TEXT, re.MULTILINE)
SETTINGS = re.findall(r"^\$ export AIOPS_(\w+)=(.*)$", PAGE_TEXT, re.MULTILINE)


@pytest.mark.parametrize("line", sorted(set(COMMANDS)))
def test_every_command_can_be_typed(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = typer.main.get_command(build()).commands[name]  # type: ignore[attr-defined]
    assert command.make_context(name, arguments).info_name == name


@pytest.mark.parametrize(("name", "value"), SETTINGS)
def test_every_setting_takes_its_value(name: str, value: str) -> None:
    text = shlex.split(value)[0]
    field = name.lower()
    assert getattr(Settings(**{field: json.loads(text) if text.startswith("[") else text}), field)


def test_every_setting_that_is_named_exists() -> None:
    named = {name.lower() for name in re.findall(r"AIOPS_([A-Z_]+)", PAGE_TEXT)}
    assert named <= Settings.model_fields.keys()


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("aiops ask")])
def test_every_question_is_answered_without_a_model(line: str) -> None:
    checkout, database = (Entity(kind="Deployment", namespace="shop", name=name) for name in ("checkout", "database"))
    known = Known(("shop",), {"checkout": (checkout,), "database": (database,)}, ClusterState([], 1e9))
    assert route(understand(shlex.split(line)[-1], known, 1e9)) is not None


def test_figures_and_addresses_are_those_of_the_code() -> None:
    flat = " ".join(PAGE_TEXT.split())
    assert f"{PAGE} objects a page" in flat
    assert f"stops reading after {DEADLINE:.0f} seconds" in flat
    assert all(f"| {severity.value} |" in PAGE_TEXT for severity in Severity)
    routes = [r for router in (scan_router, ask_router) for r in router.routes if isinstance(r, APIRoute)]
    for one in routes:
        assert f"`{min(one.methods)} {one.path}`" in PAGE_TEXT
