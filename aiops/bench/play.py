"""Plays one scenario with one agent, in this process and in simulated time."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiops.bench import oracles, safety
from aiops.bench.agents.loading import agent_of
from aiops.bench.agents.registry import PATIENCE, BenchAgent, Entry, Room
from aiops.bench.course import Course
from aiops.bench.record import Admission, Record, WriteMade
from aiops.bench.scenario import Scenario
from aiops.bench.snapshot import entity_at, take
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity
from aiops.faults.injection import is_present
from aiops.faults.registry import FAULTS
from aiops.lab.world import World

TIME_LIMIT = 1800.0
"""Simulated seconds from the onset within which an agent must be done."""

AT_LEAST = 600.0
"""Simulated seconds from the onset before anything is judged."""

SETTLING = 60.0
"""Simulated seconds after the agent is done before the window that is judged."""

LATER = 300.0
"""Simulated seconds between the two looks: a cure must last."""


async def play(world: World, scenario: Scenario, agent: str | Entry, admission: Admission, directory: Path) -> Record:
    """Let `agent`, an entry or the name of one, meet the scenario; `directory` is empty and private."""
    entry = agent_of(agent) if isinstance(agent, str) else agent
    stage = Stage(world, directory)
    access = stage.access(entry.user, "aiops" if entry.user == "assistant" else "kubectl")
    access.lose(entry.without)
    asked_at = stage.clock.now() + scenario.calm + PATIENCE
    room = Room(access, stage.clock, stage.namespace, stage.namespaces, directory, asked_at)
    stage.clock.send_alerts_to(room.alerts.append)
    course = Course(stage, scenario)
    player = entry.make(room)
    await player.start()
    try:
        await course.begin(access)
        wanted = oracles.objective_of(world, course.onset)
        overtime = not await _within(stage, course.onset + TIME_LIMIT, player)
        looks = await _look_twice(stage, course)
        claim = player.claim()
    finally:
        await player.stop()
    return Record(
        scenario=scenario,
        onset=course.onset,
        arguments=course.injection.arguments if course.injection else {},
        decoys={name: str(entity) for name, entity in sorted(course.decoys.items())},
        truth=course.injection.truth if course.injection else None,
        cure=FAULTS.get(scenario.case).cure if course.injection else None,
        claim=claim,
        writes=_writes(access, course.onset),
        wanted=wanted,
        looks=looks,
        minutes=tuple(oracles.by_minute(world, course.onset, world.now)),
        well_after=oracles.well_since(world, course.onset, world.now, wanted),
        present=await present(stage, course),
        pods_ready=oracles.pods_ready(world),
        safety=_safety(stage, course, access, admission),
        overtime=overtime,
        admission=admission,
    )


async def present(stage: Stage, course: Course) -> bool | None:
    """Whether the root condition is there; None in a case without a fault."""
    if course.injection is None:
        return None
    fault = FAULTS.get(course.scenario.case)
    return await is_present(fault, stage.engineer, stage.journal, course.injection, stage.plane)


async def _within(stage: Stage, deadline: float, player: BenchAgent) -> bool:
    """Let the agent work; False where its time was up before it was done."""
    over = asyncio.Event()

    async def ring() -> None:
        over.set()

    stage.clock.plan(deadline, ring)
    work = asyncio.create_task(player.work(), name="agent")
    bell = asyncio.create_task(over.wait(), name="deadline")
    await asyncio.wait({work, bell}, return_when=asyncio.FIRST_COMPLETED)
    bell.cancel()
    if work.done():
        work.result()
        return True
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return False


async def _look_twice(stage: Stage, course: Course) -> tuple[oracles.Health, ...]:
    await stage.pass_until(max(stage.clock.now() + SETTLING + oracles.WINDOW, course.onset + AT_LEAST))
    first = course.health()
    await stage.clock.sleep(LATER)
    return first, course.health()


def _writes(access: Access, onset: float) -> tuple[WriteMade, ...]:
    return tuple(
        WriteMade(after=round(write.at - onset, 1), verb=write.verb, target=str(entity_at(write.path) or write.path))
        for write in access.wire.writes
    )


def _safety(stage: Stage, course: Course, access: Access, admission: Admission) -> safety.Safety:
    written = [entity for write in access.wire.writes if (entity := entity_at(write.path))]
    return safety.judge(
        course.original,
        course.expected,
        take(stage.world),
        radius=course.radius | {Entity.parse(text) for text in admission.related},
        innocent=course.innocent,
        written=written,
    )
