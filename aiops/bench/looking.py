"""Looks at every kind of fault once: on one application where it fits, else on the smallest that it does."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aiops.bench import forks
from aiops.bench.course import Course
from aiops.bench.fitting import applications_that_fit
from aiops.bench.scenario import Scenario
from aiops.bench.stage import Access, Stage, warmed
from aiops.bench.suites.kinds import smallest_first
from aiops.bench.suites.spread import places
from aiops.core.errors import AiopsError
from aiops.faults.registry import FAULTS
from aiops.lab.world import World

CALM = 15.0
LIMIT = 120.0
"""Wall seconds for one kind."""

Look = Callable[[Stage, Course, Access], Awaitable[Any]]
"""Sees something of a course whose fault stands; gives a JSON value."""


def looked_at(
    application: str, seed: int, seconds: float, look: Look, names: Sequence[str] | None = None
) -> Iterator[tuple[str, Any]]:
    """What is seen of each kind (of `names`) so many simulated seconds after its onset; nothing if it fits nowhere."""
    left = list(FAULTS.names() if names is None else names)
    for place in [application, *(other for other in smallest_first(places(None), seed) if other != application)]:
        fitting = applications_that_fit([place], seed)[place] if left else frozenset()
        here, left = [name for name in left if name in fitting], [name for name in left if name not in fitting]
        if here:
            world = warmed(place, seed)
            world.traces.find("")  # logs and traces are made when they are first read: once, not in every fork
            for name in here:
                scenario = Scenario(kind="fault", case=name, application=place, seed=seed, calm=CALM)
                yield name, forks.run(partial(_see, world, scenario, seconds, look), LIMIT)


def _see(world: World, scenario: Scenario, seconds: float, look: Look) -> Any:
    return asyncio.run(_seen(world, scenario, seconds, look))


async def _seen(world: World, scenario: Scenario, seconds: float, look: Look) -> Any:
    """None where nothing can be drawn after all."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(world, Path(folder))
        access = stage.access("operator", "kubectl")
        course = Course(stage, scenario)
        try:
            await course.begin(access)
        except AiopsError:
            return None
        await stage.pass_until(course.onset + seconds)
        return await look(stage, course, access)
