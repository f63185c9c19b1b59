"""A crowd: where one can come, and which workloads are given more pods for it."""

from __future__ import annotations

from random import Random

import pytest

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.busiest import capacity, in_use
from aiops.faults.kit.busy import cores_of
from aiops.faults.registry import FAULTS
from tests.support.targets import target_of
from tests.support.worlds import aged

CROWD = FAULTS.get("flash_crowd")


async def _replicas(target: DirectTarget, namespace: str) -> dict[str, int]:
    return {
        item["metadata"]["name"]: item["spec"].get("replicas", 1) for item in await target.list("Deployment", namespace)
    }


async def test_no_crowd_comes_where_accelerators_may_be_full_first() -> None:
    world = aged(90, seed=3, application="training")
    async with target_of(world) as target:
        with pytest.raises(NotPossibleError):
            await CROWD.parameters["busiest"].draw(target, world.namespace, Random(1))


async def test_no_crowd_comes_where_the_nodes_have_no_room_for_it() -> None:
    async with target_of(aged(90, seed=3)) as target:
        with pytest.raises(NotPossibleError):
            await CROWD.parameters["busiest"].draw(target, "hotel", Random(1))


async def test_the_other_fix_gives_pods_to_all_that_a_crowd_fills() -> None:
    async with target_of(aged(90, seed=3)) as target:
        _, busiest = max(await in_use(target, "hotel"), key=lambda each: each[0])
        before = await _replicas(target, "hotel")
        used = {
            name: await cores_of(target, await target.get(Entity(kind="Deployment", namespace="hotel", name=name)))
            / capacity(await target.get(Entity(kind="Deployment", namespace="hotel", name=name)))
            for name in before
        }
        assert CROWD.other_fix is not None
        await CROWD.other_fix(target, {}, busiest=busiest, percent=120)
        after = await _replicas(target, "hotel")
    more = {name: after[name] / before[name] for name in before}
    assert more.pop(busiest.deployment.name) == 2.0
    assert {name for name in more if more[name] > 1} == {
        name for name in more if used[name] >= 0.1 and not name.startswith(("mongodb", "memcached"))
    }
    assert max(more.values()) == 1.5
