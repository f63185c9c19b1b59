"""Followers of a timeline: each gets every event, however slow it reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock
from aiops.core.incident import EventKind, Signal
from aiops.core.settings import Settings
from aiops.supervisor.engine import Engine
from aiops.supervisor.services import assemble
from aiops.tools.kit.context import Context


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """Not started: only its store and its followers are of interest."""
    kube = KubernetesClient.at("http://nowhere")
    services = assemble(Settings(state_dir=tmp_path), Context(kube=kube, clock=VirtualClock(0.0)))
    yield Engine(services)
    await services.stop()
    await kube.close()


async def test_a_slow_follower_misses_nothing(engine: Engine, signal: Callable[..., Signal]) -> None:
    incident = engine.store.open_incident(signal(), ()).id
    quick, slow = engine.follow(incident), engine.follow(incident)
    assert (await anext(quick)).seq == (await anext(slow)).seq == 1
    waiting = asyncio.ensure_future(anext(quick))
    await asyncio.sleep(0)
    engine.store.add_event(incident, EventKind.NOTE, "x", "two")
    assert (await waiting).seq == 2
    after = asyncio.ensure_future(anext(quick))  # has heard of the second event, and waits for a third
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        assert (await anext(slow)).seq == 2
    after.cancel()
