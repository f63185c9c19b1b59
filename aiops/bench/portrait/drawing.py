"""Draws the portrait of a kind that has begun."""

from __future__ import annotations

from typing import Any

from aiops.bench.course import Course
from aiops.bench.portrait.cure import fix
from aiops.bench.portrait.failures import failing
from aiops.bench.portrait.likeness import Portrait
from aiops.bench.portrait.lines import said
from aiops.bench.portrait.scene import Scene
from aiops.bench.portrait.signals import moved
from aiops.bench.portrait.states import states
from aiops.bench.stage import Access, Stage

LOOK = 240.0
"""Simulated seconds after the onset when a kind is looked at."""


async def portrait(stage: Stage, course: Course, access: Access) -> Portrait:
    """What can be seen at this moment of a course that has begun."""
    scene = Scene.of(stage, course, access)
    seen = {*await moved(scene), *await failing(scene), *states(scene), *await said(scene)}
    return Portrait(case=course.scenario.case, symptoms=frozenset(seen), fix=frozenset(fix(scene)))


async def drawn(stage: Stage, course: Course, access: Access) -> Any:
    """As `portrait`, as a JSON value."""
    return (await portrait(stage, course, access)).model_dump(mode="json")
