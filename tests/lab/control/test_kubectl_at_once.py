"""Where a lab's time runs by itself, controllers act at once on what kubectl writes, not with the next tick."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from aiops.core.clock import SystemClock
from aiops.lab.access_files import write_kubeconfig
from aiops.lab.certificates import self_signed
from aiops.lab.keeper import Keeper
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.kube.objects import clone
from aiops.lab.serving import LOOPBACK, Served
from aiops.lab.world import World
from tests.lab.control.test_kubectl import Kubectl, pytestmark
from tests.support.worlds import aged

__all__ = ["pytestmark"]

SPEED = 0.01
"""Simulated seconds in one real second: no tick falls into a test."""


@pytest.fixture
async def kubectl(tmp_path: Path) -> AsyncIterator[Kubectl]:
    world = aged(60.0)
    app = kubernetes_app(world.cluster, tokens={"secret": User("admin", (MASTERS,))}, logs=world.logs)
    certificate = self_signed(LOOPBACK, SystemClock().now())
    keeper = Keeper(world, speed=SPEED)
    running = asyncio.create_task(keeper.run(SPEED))
    async with Served(app, certificate) as server:
        write_kubeconfig(tmp_path, "admin", server=server, certificate=certificate, token="secret", namespace="hotel")
        yield Kubectl(tmp_path, world)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await keeper.close()


async def test_a_new_image_can_be_undone_at_once(kubectl: Kubectl) -> None:
    before = await kubectl("get deploy geo -o jsonpath={.spec.template.spec.containers[0].image}")
    await kubectl("set image deploy/geo *=other:2")
    assert "rolled back" in await kubectl("rollout undo deploy/geo")
    assert await kubectl("get deploy geo -o jsonpath={.spec.template.spec.containers[0].image}") == before
    history = await kubectl("rollout history deploy/geo")
    assert [line.split()[0] for line in history.splitlines() if line[:1].isdigit()] == ["2", "3"]


def _scaled(world: World, replicas: int) -> None:
    deployment = clone(world.cluster.get("Deployment", "hotel", "geo"))
    deployment["spec"]["replicas"] = replicas
    world.cluster.update(deployment, manager="kubectl")


def _pods(world: World) -> list[Any]:
    return [pod for pod in world.cluster.objects("Pod", "hotel") if pod["metadata"]["name"].startswith("geo-")]


def test_pods_are_made_and_placed_at_once_and_started_with_the_next_tick() -> None:
    world = aged(60.0)
    before = {pod["metadata"]["name"] for pod in _pods(world)}
    _scaled(world, len(before) + 2)
    world.react()
    new = [pod for pod in _pods(world) if pod["metadata"]["name"] not in before]
    assert len(new) == 2
    assert all(pod["spec"]["nodeName"] for pod in new)
    assert not any(pod["status"].get("containerStatuses") for pod in new)
    revision = world.cluster.revision
    world.react()
    assert world.cluster.revision == revision, "nothing is left to do"
    for _ in world.ticks(5.0):
        pass
    assert all(pod["status"].get("containerStatuses") for pod in _pods(world))


def test_where_nothing_was_written_a_reaction_leaves_no_trace() -> None:
    worlds = [aged(60.0), aged(60.0)]
    for _ in range(3):
        worlds[1].react()
    for world in worlds:
        for _ in world.ticks(30.0):
            pass
    one, other = ([world.cluster.objects(kind) for kind in ("Pod", "Event", "Node", "Lease")] for world in worlds)
    assert one == other
