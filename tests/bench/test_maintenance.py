"""A drain empties a node, waits where a budget lets no pod go, and goes on when it does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiops.bench import forks
from aiops.bench.maintenance import Drain, waits
from aiops.bench.stage import Stage
from aiops.core.entity import Entity
from aiops.lab.world import World

LIMIT = 60.0


def _drained(world: World, directory: Path, budget: int | None) -> dict[str, Any]:
    async def drain() -> dict[str, Any]:
        stage = Stage(world, directory)
        if budget is not None:
            await stage.engineer.create(_budget(budget))
        node = "node-1"
        own = Drain(node)
        await own.begin(stage.engineer, stage.clock)
        await stage.clock.sleep(300)
        first = waits(world, node)
        await stage.engineer.patch(
            Entity(kind="Node", namespace="", name=node), {"spec": {"unschedulable": None}}, "merge"
        )
        await stage.clock.sleep(60)
        return {"first": first, "after": waits(world, node)}

    return asyncio.run(drain())


def _budget(most: int) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "all", "namespace": "hotel"},
        "spec": {"maxUnavailable": most, "selector": {}},
    }


def test_a_node_is_emptied(world: World, tmp_path: Path) -> None:
    assert forks.run(lambda: _drained(world, tmp_path, None), LIMIT) == {"first": False, "after": False}


def test_a_budget_that_lets_no_pod_go_holds_a_drain_up(world: World, tmp_path: Path) -> None:
    assert forks.run(lambda: _drained(world, tmp_path, 0), LIMIT) == {"first": True, "after": False}
