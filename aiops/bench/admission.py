"""Whether a scenario counts: users feel it, no trick cures it, the reference fix and another one do.

The onset is played once; each way to go on from there is tried in a fork.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiops.bench import cures, forks, oracles
from aiops.bench.course import Course
from aiops.bench.play import present
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario
from aiops.bench.snapshot import entity_at
from aiops.bench.stage import Stage
from aiops.core.errors import AiopsError
from aiops.faults.injection import fix_otherwise, revert
from aiops.faults.registry import FAULTS
from aiops.lab.world import World

LEAD = 300.0
"""Simulated seconds from the onset to the moment when something is tried."""

TRIAL = 480.0
"""Simulated seconds that a trial is given to help."""

IDLE = 2400.0
"""Simulated seconds from the onset for which it is known what happens when nobody acts."""

FELT_WITHIN = 900.0
"""Simulated seconds from the onset within which users, or a rollout, must have suffered."""

LIMIT = 300.0
"""Wall seconds that one trial may take."""

Trial = Callable[[Stage, Course], Awaitable[None]]


async def _restart(stage: Stage, _: Course) -> None:
    await cures.restart_everything(stage.engineer, stage.namespace, stage.clock.now())


async def _delete(stage: Stage, _: Course) -> None:
    await cures.delete_everything(stage.engineer, stage.namespace)


async def _scale(stage: Stage, _: Course) -> None:
    await cures.scale_to_zero(stage.engineer, stage.namespace)


async def _revert(stage: Stage, course: Course) -> None:
    if course.injection is not None:
        await revert(stage.engineer, stage.journal, course.injection.id, stage.plane)


async def _fix(stage: Stage, course: Course) -> None:
    if course.injection is not None:
        fault = FAULTS.get(course.scenario.case)
        await fix_otherwise(fault, stage.engineer, stage.journal, course.injection, stage.plane)


FAIL: dict[str, Trial] = {"restarting everything": _restart, "deleting everything": _delete, "scaling to zero": _scale}
PASS: dict[str, Trial] = {"the reference fix": _revert, "the other fix": _fix}


@dataclass(frozen=True, slots=True)
class _Onset:
    """A scenario that has been played up to the moment when something is tried."""

    world: World
    course: Course
    wanted: float
    directory: Path


def admit(world: World, scenario: Scenario, directory: Path) -> Admission:
    """Try everything. `world` is used up: call this in a fork."""
    world.monitored = False  # nobody looks: what is judged is asked of the world itself
    try:
        onset = asyncio.run(_lead(world, scenario, directory / "lead"))
    except AiopsError as error:
        return Admission(admitted=False, reason=f"cannot be played: {error}")
    idle = forks.run(lambda: _idle(onset), LIMIT)
    known = Admission(admitted=True, idle=tuple(idle["minutes"]))
    if scenario.kind == "none":
        reason = "" if idle["well"] else "users suffer though nothing is wrong"
        return known.model_copy(update={"admitted": not reason, "reason": reason})
    if not idle["felt"]:
        return known.model_copy(update={"admitted": False, "reason": "nobody feels it"})
    if idle["cured"]:
        return known.model_copy(update={"admitted": False, "reason": "it passes by itself"})
    return _tried(onset, known)


def _tried(onset: _Onset, known: Admission) -> Admission:
    fault = FAULTS.get(onset.course.scenario.case)
    for name, trial in FAIL.items():
        if trial is _restart and fault.cure == "restart":
            continue  # declared: it may
        if _try(onset, name, trial)["cured"]:
            return known.model_copy(update={"admitted": False, "reason": f"{name} cures it"})
    related: list[str] = []
    for name, trial in PASS.items():
        if trial is _fix and fault.other_fix is None:
            continue
        result = _try(onset, name, trial)
        if not result["cured"]:
            return known.model_copy(update={"admitted": False, "reason": f"{name} does not cure it: {result['why']}"})
        related += result["written"]
    return known.model_copy(update={"related": tuple(sorted(set(related)))})


async def _lead(world: World, scenario: Scenario, directory: Path) -> _Onset:
    directory.mkdir()
    stage = Stage(world, directory)
    course = Course(stage, scenario)
    await course.begin(stage.access("operator", "kubectl"))
    wanted = oracles.objective_of(world, course.onset)
    await stage.pass_until(course.onset + LEAD)
    return _Onset(world, course, wanted, directory)


def _idle(onset: _Onset) -> dict[str, Any]:
    """What happens when nobody acts."""

    async def wait() -> dict[str, Any]:
        world, start = onset.world, onset.course.onset
        stage = Stage(world, onset.directory)
        await onset.course.go_on(stage)
        await stage.pass_until(start + FELT_WITHIN)
        felt = bool(onset.course.health().unfinished) or any(
            oracles.good(world, start + at, start + at + oracles.WINDOW) < onset.wanted
            for at in range(0, int(FELT_WITHIN - oracles.WINDOW) + 1, int(oracles.MINUTE))
        )
        await stage.pass_until(start + IDLE)
        well = onset.course.health().well(onset.wanted)
        return {
            "felt": felt,
            "well": well,
            "cured": well and not await present(stage, onset.course),
            "minutes": oracles.by_minute(world, start, start + IDLE),
        }

    return asyncio.run(wait())


def _try(onset: _Onset, name: str, trial: Trial) -> dict[str, Any]:
    """Act, wait, and look. Forked, with a journal of its own."""

    async def act() -> dict[str, Any]:
        directory = onset.directory.parent / name.replace(" ", "-")
        shutil.copytree(onset.directory, directory)
        stage = Stage(onset.world, directory)
        await onset.course.go_on(stage)
        try:
            await trial(stage, onset.course)
        except AiopsError as error:
            return {"cured": False, "why": str(error), "written": []}
        await stage.clock.sleep(TRIAL)
        health, there = onset.course.health(), await present(stage, onset.course)
        entities = [entity_at(write.path) for write in stage.engineer_wire.writes]
        return {
            "cured": health.well(onset.wanted) and not there,
            "why": f"{health.good:.1%} good answers, unfinished {list(health.unfinished)}, cause there: {there}",
            "written": [str(entity) for entity in entities if entity is not None and entity.kind != "Pod"],
        }

    result: dict[str, Any] = forks.run(lambda: asyncio.run(act()), LIMIT)
    return result
