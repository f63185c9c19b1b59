"""Innocent changes and cases without a fault, on a real world."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from aiops.bench import forks, oracles
from aiops.bench.course import Course
from aiops.bench.decoys.registry import DECOYS, some
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario
from aiops.bench.snapshot import take
from aiops.bench.stage import Stage
from aiops.lab.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def _changed(world: World, folder: Path, name: str) -> dict[str, Any]:
    stage = Stage(world, folder)
    before = take(world)
    avoided = frozenset({"geo", "frontend", "frontend-config"})
    target = oracles.objective_of(world, world.now)
    entity = await DECOYS.get(name).function(stage.engineer, stage.namespace, Random(3), avoided)
    after = take(world)
    changed = sorted(str(e) for e in before.keys() | after.keys() if before.get(e) != after.get(e))
    await stage.clock.sleep(300.0)
    health = oracles.health(world)
    return {"entity": str(entity), "changed": changed, "name": entity.name, "well": health.well(target)}


@pytest.mark.parametrize("name", DECOYS.names())
def test_a_decoy_changes_one_object_that_is_not_avoided_and_users_stay_well(
    world: World, name: str, tmp_path: Path
) -> None:
    found = [forks.run(lambda: asyncio.run(_changed(world, tmp_path, name)), 60.0) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0]["changed"] == [found[0]["entity"]]
    assert found[0]["name"] not in ("geo", "frontend", "frontend-config")
    assert found[0]["well"]


async def _played(world: World, folder: Path, scenario: Scenario, seconds: float) -> dict[str, Any]:
    stage = Stage(world, folder)
    alerts: list[Any] = []
    stage.clock.send_alerts_to(alerts.append)
    course = Course(stage, scenario)
    access = stage.access("operator", "kubectl")
    await course.begin(access)
    target = oracles.objective_of(world, course.onset)
    await stage.clock.sleep(seconds)
    final = take(world)
    return {
        "same": final == course.expected,
        "untouched": final == course.original,
        "well": oracles.health(world).well(target),
        "innocent": sorted(map(str, course.innocent)),
        "radius": sorted(map(str, course.radius)),
        "truth": str(course.injection.truth.subject) if course.injection else None,
        "standing": sorted(await stage.plane.standing()),
        "dark": [wire.dark for wire in access.telemetry],
        "firing": [a["labels"]["alertname"] for n in alerts for a in n["alerts"] if a["status"] == "firing"],
    }


def played(world: World, folder: Path, seconds: float, **fields: Any) -> dict[str, Any]:
    scenario = Scenario(application="hotel", seed=1, calm=60.0, **fields)
    result: dict[str, Any] = forks.run(lambda: asyncio.run(_played(world, folder, scenario, seconds)), 60.0)
    return result


@pytest.mark.parametrize("name", NO_FAULTS.names())
def test_where_nothing_is_wrong_users_are_well_and_nothing_is_at_fault(world: World, name: str, tmp_path: Path) -> None:
    found = played(world, tmp_path, 420.0, kind="none", case=name)
    assert found["well"]
    assert found["same"]
    assert (found["radius"], found["truth"]) == ([], None)
    assert found["innocent"] or found["standing"] or any(found["dark"])


def test_a_passing_alert_fires_and_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    found = played(world, tmp_path, 420.0, kind="none", case="passing_alert")
    assert found["untouched"]
    assert found["firing"]


def test_a_fault_and_its_decoys_are_how_it_would_be_without_the_agent(world: World, tmp_path: Path) -> None:
    decoys = ("extra_label", "new_config_map")
    found = played(world, tmp_path, 120.0, kind="fault", case="wrong_target_port", decoys=decoys)
    assert found["same"]
    assert not found["untouched"]
    assert not found["well"]
    assert found["radius"] == [found["truth"]]
    assert len(found["innocent"]) == 2
    assert not set(found["innocent"]) & set(found["radius"])


async def test_a_decoy_rolls_out_nothing_that_takes_devices() -> None:
    """One more pod of it may find no device free."""

    class Api:
        async def list(self, kind: str, namespace: str) -> list[Any]:
            return [_deployment("trainer", {"nvidia.com/gpu": "1"}), _deployment("web", {"memory": "1Gi"})]

    found = {
        (await some(cast(Any, Api()), "Deployment", "lab", Random(n), frozenset()))["metadata"]["name"]
        for n in range(9)
    }
    assert found == {"web"}


def _deployment(name: str, limits: dict[str, str]) -> dict[str, Any]:
    containers = [{"name": name, "resources": {"limits": limits}}]
    return {
        "metadata": {"name": name},
        "spec": {"replicas": 1, "template": {"spec": {"containers": containers}}},
        "status": {"availableReplicas": 1},
    }
