"""A scenario's course without an agent, and what everybody thinks of first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from aiops.bench import cures, forks
from aiops.bench.course import DECOY_DELAY, Course
from aiops.bench.scenario import Scenario
from aiops.bench.snapshot import take
from aiops.bench.stage import Stage
from aiops.core.entity import Entity
from aiops.core.wellknown import RESTARTED_AT
from aiops.lab.world import World

PORT = Scenario(kind="fault", case="wrong_target_port", application="hotel", seed=1, calm=15.0)
DECOYED = PORT.model_copy(update={"decoys": ("extra_label", "new_config_map")})
CALM = PORT.model_copy(update={"kind": "none", "case": "harmless_deploy"})


def staged(world: World, folder: Path, work: Callable[[Stage], Awaitable[Any]]) -> Any:
    """What `work` says, done in a fork of the world."""

    async def run() -> Any:
        return await work(Stage(world, folder))

    return forks.run(lambda: asyncio.run(run()), 60.0)


async def begun(stage: Stage, scenario: Scenario) -> Course:
    course = Course(stage, scenario)
    await course.begin(stage.access("operator", "kubectl"))
    return course


def test_the_fault_comes_after_the_calm_and_belongs_to_what_is_expected(world: World, tmp_path: Path) -> None:
    async def work(stage: Stage) -> dict[str, Any]:
        start = stage.clock.now()
        course = await begun(stage, PORT)
        subject = course.injection.truth.subject  # type: ignore[union-attr]
        now = take(stage.world)
        return {
            "waited": course.onset - start,
            "radius": sorted(map(str, course.radius)),
            "subject": str(subject),
            "expected": course.expected[subject] == now[subject],  # type: ignore[index]
            "changed": course.original[subject] != now[subject],  # type: ignore[index]
            "others": [str(e) for e in now if e != subject and course.expected.get(e) != now[e]],
        }

    found = staged(world, tmp_path, work)
    assert found["waited"] == 15.0
    assert found["radius"] == [found["subject"]]
    assert (found["expected"], found["changed"], found["others"]) == (True, True, [])


def test_innocent_changes_come_in_their_time_and_stay_off_the_fault(world: World, tmp_path: Path) -> None:
    async def work(stage: Stage) -> dict[str, Any]:
        course = await begun(stage, DECOYED)
        await stage.clock.sleep(DECOY_DELAY[0] - 5)
        early = dict(course.decoys)
        await stage.clock.sleep(DECOY_DELAY[1])
        now = take(stage.world)
        return {
            "early": len(early),
            "decoys": sorted(course.decoys),
            "innocent": sorted(map(str, course.innocent)),
            "apart": not (course.innocent & course.radius),
            "expected": all(course.expected[entity] == now[entity] for entity in course.innocent),
        }

    found = staged(world, tmp_path, work)
    assert (found["early"], found["decoys"]) == (0, ["extra_label", "new_config_map"])
    assert len(found["innocent"]) == 2
    assert (found["apart"], found["expected"]) == (True, True)


def test_without_a_fault_all_that_was_changed_is_innocent(world: World, tmp_path: Path) -> None:
    async def work(stage: Stage) -> dict[str, Any]:
        course = await begun(stage, CALM)
        return {"radius": len(course.radius), "innocent": sorted(map(str, course.innocent))}

    found = staged(world, tmp_path, work)
    assert found["radius"] == 0
    assert len(found["innocent"]) == 3
    assert all(name.startswith("Deployment/hotel/") for name in found["innocent"])


def test_what_an_agent_does_is_not_expected(world: World, tmp_path: Path) -> None:
    async def work(stage: Stage) -> bool:
        course = await begun(stage, PORT)
        entity = next(entity for entity in course.expected if entity.kind == "Deployment")
        agent = stage.access("operator", "kubectl")
        await agent.kube.patch(entity, {"metadata": {"labels": {"x": "y"}}}, "merge")
        return course.expected[entity] != take(stage.world)[entity] and len(agent.wire.writes) == 1

    assert staged(world, tmp_path, work) is True


def test_everything_is_restarted_once(world: World, tmp_path: Path) -> None:
    async def work(stage: Stage) -> list[Any]:
        await cures.restart_everything(stage.engineer, stage.namespace, stage.clock.now())
        found = [item for kind in cures.WORKLOADS for item in await stage.engineer.list(kind, stage.namespace)]
        return [(item["spec"]["template"]["metadata"].get("annotations") or {}).get(RESTARTED_AT) for item in found]

    marks = staged(world, tmp_path, work)
    assert len(marks) > 5
    assert len(set(marks)) == 1
    assert marks[0] is not None


def test_everything_is_scaled_to_zero_or_deleted(world: World, tmp_path: Path) -> None:
    async def scaled(stage: Stage) -> list[int]:
        await cures.scale_to_zero(stage.engineer, stage.namespace)
        return [item["spec"]["replicas"] for item in await stage.engineer.list("Deployment", stage.namespace)]

    async def deleted(stage: Stage) -> list[str]:
        await cures.delete_everything(stage.engineer, stage.namespace)
        await stage.clock.sleep(60.0)
        kinds = (*cures.DELETED, "Pod")
        left = [item for kind in kinds for item in await stage.engineer.list(kind, stage.namespace)]
        return [str(Entity.of(item)) for item in left]

    assert set(staged(world, tmp_path, scaled)) == {0}
    left = staged(world, tmp_path, deleted)
    assert all(name.startswith("ConfigMap/hotel/kube-root-ca") for name in left)


@pytest.mark.parametrize(
    ("user", "may"), [("engineer", True), ("operator", True), ("assistant", False)], ids=lambda value: str(value)
)
def test_each_party_has_its_own_rights(world: World, tmp_path: Path, user: str, may: bool) -> None:
    async def work(stage: Stage) -> bool:
        from aiops.core.errors import DeniedError

        kube = stage.access(user, "kubectl").kube
        try:
            await kube.delete(Entity(kind="Namespace", name="hotel"), dry_run=True)
        except DeniedError:
            return False
        return True

    assert staged(world, tmp_path, work) is may
