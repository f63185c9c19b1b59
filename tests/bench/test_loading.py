"""Anybody's agent by its module and class."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from aiops.bench.agents.loading import agent_of, name_without
from aiops.bench.agents.registry import PATIENCE, Room
from aiops.bench.clock import WorldClock
from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.lab.world import START, World

SOURCE = '''
from aiops.bench.agents.registry import Claim

class Guess:
    """Always guesses the same."""

    async def resolve(self, room):
        await room.clock.sleep(45.0)
        named = f"Service/{room.namespace}/geo"
        return Claim(fault=True, subject=named, mechanism="config.target_port", confidence=0.4)

class Nothing:
    pass
'''


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guessing_agent.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


async def test_a_class_of_anybodys_is_called_once_and_asked_what_it_says(tmp_path: Path) -> None:
    entry = agent_of("guessing_agent:Guess")
    assert (entry.summary, entry.user) == ("Always guesses the same.", "operator")
    clock = WorldClock(World("hotel", seed=1))
    player = entry.make(Room(cast(Any, None), clock, "hotel", ("hotel",), tmp_path, START + PATIENCE))
    await player.start()
    await player.work()
    claim = player.claim()
    assert (claim.subject, claim.confidence) == ("Service/hotel/geo", 0.4)
    assert claim.detected_at == START + PATIENCE + 45
    await player.stop()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("guessing_agent:Nothing", "has no class 'Nothing' with"),
        ("guessing_agent:Other", "has no class 'Other'"),
        ("no_such_module:Agent", "'no_such_module' cannot be imported"),
    ],
)
def test_what_is_no_agent_is_refused(name: str, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        agent_of(name)


def test_a_plain_name_is_one_of_ours() -> None:
    assert agent_of("noop").name == "noop"
    with pytest.raises(UnknownNameError):
        agent_of("nop")


def test_an_agent_may_have_to_do_without_some_telemetry() -> None:
    name = name_without("supervisor", ["traces", "logs"])
    entry = agent_of(name)
    assert (entry.name, entry.without) == ("supervisor without traces, logs", {"traces", "logs"})
    assert name_without("noop", []) == "noop"
    assert agent_of("guessing_agent:Guess without logs").summary == "Always guesses the same."
    with pytest.raises(UnknownNameError, match="no telemetry named 'trace'"):
        agent_of("supervisor without trace")
