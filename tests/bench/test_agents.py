"""Strategies: who they are, what they claim, what simple guesses are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from aiops.bench.agents.registry import AGENTS, PATIENCE, STEP, Claim, Room
from aiops.bench.clock import WorldClock
from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.stage import USERS
from aiops.core.registry import summary_of
from aiops.lab.world import START, World


@pytest.fixture
def room(tmp_path: Path) -> Room:
    clock = WorldClock(World("hotel", seed=1))
    return Room(cast(Any, None), clock, "hotel", ("hotel",), tmp_path, START + PATIENCE)


@pytest.mark.parametrize("name", AGENTS.names())
def test_an_agent_says_what_it_is(name: str) -> None:
    entry = AGENTS.get(name)
    assert entry.name == name
    assert entry.summary.endswith(".")
    assert entry.user in USERS


@pytest.mark.parametrize("registry", [DECOYS, NO_FAULTS], ids=["decoys", "cases without a fault"])
def test_every_part_has_a_summary(registry: Any) -> None:
    assert all(item.summary.endswith(".") and item.name == item.function.__name__ for item in registry)


def test_a_summary_is_the_first_line() -> None:
    def told() -> None:
        """One line.

        And more."""

    assert summary_of(told) == "One line."
    assert summary_of(lambda: None) == ""


async def test_who_hears_nothing_is_asked_in_the_end(room: Room) -> None:
    await room.called()
    assert room.clock.now() == START + PATIENCE


async def test_who_hears_an_alert_comes_at_the_next_look(room: Room) -> None:
    async def ring() -> None:
        room.alerts.append({"alerts": []})

    room.clock.plan(START + STEP * 2 + 1, ring)
    await room.called()
    assert room.clock.now() == START + STEP * 3


async def test_who_does_nothing_claims_nothing(room: Room) -> None:
    agent = AGENTS.get("noop").make(room)
    await agent.start()
    await agent.work()
    assert agent.claim() == Claim(fault=False, state="did nothing")
    await agent.stop()


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        ([{}, {"service": "geo"}], "Deployment/hotel/geo"),
        ([{"deployment": "rate", "service": "geo"}], "Deployment/hotel/rate"),
        ([{"pod": "x"}], "Deployment/hotel/frontend"),
        ([], "Deployment/hotel/frontend"),
    ],
)
async def test_who_always_says_yes_guesses_what_the_first_alert_names(
    room: Room, labels: list[dict[str, str]], subject: str
) -> None:
    room.alerts.append({"alerts": [{"labels": found} for found in labels]})
    agent = AGENTS.get("always-yes").make(room)
    await agent.work()
    assert (agent.claim().fault, agent.claim().subject) == (True, subject)
