"""A program and the schema of its store that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import suffers, suspects
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.mechanism import Mechanism

ONCE = "Job"
"""The kind of workload that does something once: a migration is one."""

STRENGTH = 0.75


@behaviour("schema")
def schema(picture: Picture) -> Iterator[Sighting]:
    """A program that fails since a job of the same program has run once: jobs of that kind change a store's schema."""
    for job in suspects(picture):
        if job.entity.kind != ONCE or job.changed:
            continue
        for program in job.kin:
            failing = [call for call in picture.incoming(program) if suffers(call) and call.failing[1] > 0]
            if not failing:
                continue
            worst = max(failing, key=lambda call: call.failing[1])
            yield Sighting(
                subject=program,
                signal="served",
                summary=f"{program} fails since {job.entity}, a job of the same program, has run.",
                observed=f"{worst.failing[1]:.0%} of the calls of {worst.source} fail",
                baseline=f"{worst.failing[0]:.0%}",
                score=0.7,
                blames=blames(program, Mechanism.DATA_SCHEMA, STRENGTH),
            )
