"""How good the continuous watch is: false alarms over simulated days, and how soon it sees what users feel."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from aiops.bench import forks, oracles
from aiops.bench.course import Course
from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario, drawn
from aiops.bench.stage import Stage
from aiops.core.disturbance.load import LoadIncrease
from aiops.core.disturbance.machine import NodeCpu
from aiops.core.disturbance.scope import Nodes
from aiops.core.errors import NotPossibleError
from aiops.core.incident import Signal
from aiops.core.model import Value
from aiops.faults.registry import FAULTS
from aiops.lab.ports import SCRAPE_INTERVAL
from aiops.lab.prometheus import RuleEngine
from aiops.lab.world import World
from aiops.watch.watcher import Watcher

DAY, HOUR = 86400.0, 3600.0
LOOK = 15.0

DECOYS_A_DAY = 8
NIGHT = 17.0 * HOUR
"""Seconds from a world's start, which is at nine in the morning, to two in the night."""

NIGHTLY_HOURS, NIGHTLY_CORES = 1.0, 2.0
BUSY_DAY, BUSY_HOURS, BUSY_FACTOR, BUSY_RISE = 3, 12.0, 1.5, HOUR
"""Which day is busy, for how long, by how much, and in which time it gets so."""

WATCHED = 600.0
"""Simulated seconds from an onset within which the watch has to see it."""

GRAIN = 15.0
WALL_LIMIT = 600.0


class Week(Value):
    """Days without a fault. `false_alarms` are all alarms in them; `unwell` counts those at whose moment users fell
    short of the objective, without anybody's fault."""

    days: float
    decoys: int
    false_alarms: int
    unwell: int
    titles: tuple[str, ...]

    @property
    def per_day(self) -> float:
        """False alarms a cluster-day."""
        return self.false_alarms / self.days if self.days else 0.0


class Seen(Value):
    """One scenario under watch: seconds from the onset to the first signal, and to when users felt it; None: never.
    `signals` counts what was told after the onset."""

    case: str
    kind: str
    seen: float | None
    felt: float | None
    signals: int


def week(world: World, days: float, seed: int) -> Week:
    """Let a world live for days with innocent changes, work at night and a busy day, all in this process.

    Nobody asks for alerts meanwhile, so that none are looked for: they would be a third of the work."""
    world.rules = RuleEngine((), world.series, SCRAPE_INTERVAL)
    with TemporaryDirectory() as folder:
        return asyncio.run(_week(Stage(world, Path(folder)), days, Random(f"{seed}:week")))


def scenarios(application: str, seed: int, faults: int) -> Iterator[Scenario]:
    """So many kinds of faults that requests feel, drawn by the seed, and all cases without one."""
    felt = [name for name in FAULTS.names() if FAULTS.get(name).felt == "requests"]
    for name in sorted(Random(f"{seed}:faults").sample(felt, min(faults, len(felt)))):
        yield drawn("fault", name, application, seed, DECOYS.names(), with_decoys=True)
    for name in NO_FAULTS.names():
        yield drawn("none", name, application, seed, [], with_decoys=False)


def watched(world: World, scenario: Scenario) -> Seen | None:
    """Play a scenario under watch in a fork; None where it cannot be played in this world."""

    def task() -> dict[str, Any]:
        with TemporaryDirectory() as folder:
            return asyncio.run(_watched(Stage(world, Path(folder)), scenario)).model_dump()

    try:
        return Seen.model_validate(forks.run(task, WALL_LIMIT))
    except forks.ForkError:
        return None


def figures(lived: Week | None, seen: list[Seen]) -> dict[str, Any]:
    """All figures as JSON. Delays are those of faults that users felt while they were watched."""
    felt = [one for one in seen if one.kind == "fault" and one.felt is not None]
    from_onset = sorted(one.seen for one in felt if one.seen is not None)
    from_felt = sorted(one.seen - one.felt for one in felt if one.seen is not None and one.felt is not None)
    innocent = [one for one in seen if one.kind == "none"]
    return {
        "week": None if lived is None else {**lived.model_dump(), "false_alarms_a_day": round(lived.per_day, 2)},
        "faults": sum(one.kind == "fault" for one in seen),
        "felt": len(felt),
        "seen": len(from_onset),
        "median_delay_from_onset": _median_with_missed(from_onset, len(felt)),
        "median_delay_from_felt": _median_with_missed(from_felt, len(felt)),
        "signals_for_one_fault": max((one.signals for one in felt), default=0),
        "cases_without_fault": len(innocent),
        "alarms_without_fault": sum(one.seen is not None for one in innocent),
        "cases": [one.model_dump() for one in seen],
    }


def _median_with_missed(delays: list[float], count: int) -> float | None:
    """What was missed counts as seen at the end of the watch."""
    padded = [*delays, *([WATCHED] * (count - len(delays)))]
    return round(median(padded), 1) if padded else None


def _watcher(stage: Stage, told: list[Signal]) -> Watcher:
    metrics = stage.access("assistant", "aiops").metrics
    return Watcher(metrics, stage.clock, told.extend, namespaces=stage.namespaces)


async def _week(stage: Stage, days: float, rng: Random) -> Week:
    world, told = stage.world, list[Signal]()
    watcher = _watcher(stage, told)
    start = world.now
    happenings = sorted(start + rng.random() * days * DAY for _ in range(int(DECOYS_A_DAY * days)))
    await _plan_nights(stage, start, days)
    made, alarms, unwell = 0, list[Signal](), 0
    while world.now < start + days * DAY:
        while happenings and happenings[0] <= world.now:
            happenings.pop(0)
            made += await _decoy(stage, rng)
        told.clear()
        await stage.clock.sleep(LOOK)
        await watcher.look()
        new = [signal for signal in told if not signal.resolved]
        alarms += new
        unwell += len(new) if oracles.good(world, world.now - 60.0, world.now) < world.objective.availability else 0
    titles = tuple(f"{(one.received_at - start) / HOUR:.1f} h: {one.title}" for one in alarms)
    return Week(days=days, decoys=made, false_alarms=len(alarms), unwell=unwell, titles=titles)


async def _decoy(stage: Stage, rng: Random) -> int:
    names = DECOYS.names()
    try:
        await DECOYS.get(rng.choice(names)).function(stage.engineer, stage.namespace, rng, frozenset())
    except NotPossibleError:
        return 0
    return 1


async def _plan_nights(stage: Stage, start: float, days: float) -> None:
    """Backups on one machine every night, and one busy day."""
    node = sorted(str(item["metadata"]["name"]) for item in stage.world.cluster.objects("Node"))[-1]
    for day in range(int(days)):
        night = start + day * DAY + NIGHT
        work = NodeCpu(nodes=Nodes(names=(node,)), cores=NIGHTLY_CORES)
        _during(stage, f"backup-{day}", work, night, NIGHTLY_HOURS * HOUR)
        if day == BUSY_DAY:
            crowd = LoadIncrease(factor=BUSY_FACTOR, rise_seconds=BUSY_RISE)
            _during(stage, f"crowd-{day}", crowd, start + day * DAY, BUSY_HOURS * HOUR)


def _during(stage: Stage, name: str, what: NodeCpu | LoadIncrease, start: float, seconds: float) -> None:
    async def begin() -> None:
        await stage.plane.begin(name, what)

    async def end() -> None:
        await stage.plane.end(name)

    stage.clock.plan(start, begin)
    stage.clock.plan(start + seconds, end)


async def _watched(stage: Stage, scenario: Scenario) -> Seen:
    told: list[Signal] = []
    watcher = _watcher(stage, told)
    course = Course(stage, scenario)
    await _look_now_and_then(stage, watcher)
    await course.begin(stage.access("operator", "kubectl"))
    wanted = oracles.objective_of(stage.world, course.onset)
    await stage.pass_until(course.onset + WATCHED)
    after = [one.received_at - course.onset for one in told if not one.resolved and one.received_at >= course.onset]
    return Seen(
        case=scenario.case,
        kind=scenario.kind,
        seen=min(after, default=None),
        felt=_felt(stage.world, course.onset, wanted),
        signals=len(after),
    )


async def _look_now_and_then(stage: Stage, watcher: Watcher) -> None:
    """As `Watcher.run`, but in the course of time: a sleep of the watch's own would let time pass in the midst of what
    an injection reads and writes at one moment."""
    await watcher.look()
    stage.clock.plan(stage.clock.now() + watcher.status().interval_seconds, partial(_look_now_and_then, stage, watcher))


def _felt(world: World, onset: float, wanted: float) -> float | None:
    """Seconds from the onset to the first quarter of a minute in which users fell short."""
    moment = onset + GRAIN
    while moment <= world.now:
        if oracles.good(world, moment - GRAIN, moment) < wanted:
            return moment - onset
        moment += GRAIN
    return None
