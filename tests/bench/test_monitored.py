"""What happens in a world does not follow from what is measured of it: admission goes without."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import orjson
import pytest

from aiops.bench import forks, oracles
from aiops.bench.course import Course
from aiops.bench.scenario import Scenario
from aiops.bench.stage import Stage
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.world import World

pytestmark = pytest.mark.slow

CRASHING = Scenario(kind="fault", case="low_memory_limit", application="hotel", seed=1, calm=60.0)
SECONDS = 400.0


def lived(world: World, folder: Path, *, monitored: bool) -> tuple[list[float], str, int]:
    """What users got minute by minute, a hash of all objects, and how many series were scraped."""

    async def live() -> list[object]:
        world.monitored = monitored
        stage = Stage(world, folder)
        course = Course(stage, CRASHING)
        await course.begin(stage.access("operator", "kubectl"))
        await stage.clock.sleep(SECONDS)
        objects = [world.cluster.objects(kind) for kind in sorted({each.kind for each in RESOURCES})]
        digest = hashlib.sha256(orjson.dumps(objects)).hexdigest()
        scraped = len(world.series.labels((), course.onset, world.now))
        return [oracles.by_minute(world, course.onset, world.now), digest, scraped]

    folder.mkdir()
    minutes, digest, scraped = forks.run(lambda: asyncio.run(live()), 120.0)
    return minutes, digest, scraped


def test_nothing_that_happens_follows_from_what_is_measured(world: World, tmp_path: Path) -> None:
    seen = lived(world, tmp_path / "seen", monitored=True)
    unseen = lived(world, tmp_path / "unseen", monitored=False)
    assert seen[:2] == unseen[:2]
    assert min(seen[0]) < 0.97
    assert seen[2] > 1000
