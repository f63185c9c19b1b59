"""Where and when a portrait is drawn, and who is at fault there."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.bench.course import Course
from aiops.bench.stage import Access, Stage
from aiops.core.entity import ends
from aiops.core.telemetry import Series

BEFORE = 1200.0
"""Seconds before the onset that tell how things usually are."""

STEP = 15.0


@dataclass(frozen=True, slots=True)
class Scene:
    """`blamed` are the names of what is at fault."""

    stage: Stage
    course: Course
    access: Access
    blamed: frozenset[str]

    @classmethod
    def of(cls, stage: Stage, course: Course, access: Access) -> Scene:
        parts = course.injection.truth.parts if course.injection is not None else ()
        blamed = frozenset(entity.name for part in parts for entity in ends(part.subject))
        return cls(stage, course, access, blamed)

    @property
    def onset(self) -> float:
        return self.course.onset

    @property
    def now(self) -> float:
        return self.stage.clock.now()

    def whose(self, name: str) -> str:
        """Whether an object is what is at fault, or was made of it."""
        return "its" if any(name == each or name.startswith(f"{each}-") for each in self.blamed) else "other"

    async def series(self, promql: str) -> list[Series]:
        """The values of a query from well before the onset until now."""
        return await self.access.metrics.query_range(promql, self.onset - BEFORE, self.now, STEP)
