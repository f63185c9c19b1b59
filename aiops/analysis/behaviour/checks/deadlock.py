"""A process that runs and answers nothing any more."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import consumers, suffers
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

MORE, LEAST = 5.0, 8.0
"""Factor and number by which requests that wait inside grow."""

IDLE, IDLER = 0.4, 0.85
"""Share of its CPU that a process uses still, where all of it stands, and where some of its pods do."""

WHOLE, SOME, STILL_TAKES = 0.75, 0.5, 0.3
"""Strengths: all of it stands, some of its pods do, and it takes messages still."""


@behaviour("deadlock")
def deadlock(picture: Picture) -> Iterator[Sighting]:
    """Requests pile up in a workload that does ever less, while all that it calls answers well.

    One that takes messages from a queue holds as many as it may at once also where it is merely slow with them: as
    long as the broker sees it take more, it does not stand."""
    for workload in picture.having("active"):
        active, cpu = picture.level(workload, "active"), picture.level(workload, "cpu")
        if active is None or cpu is None or not active.rose(MORE, LEAST) or not cpu.fell(IDLER, 0.005):
            continue
        if any(suffers(call) for call in picture.outgoing(workload)):
            continue
        whole = cpu.fell(IDLE, 0.005)
        yield Sighting(
            subject=workload,
            signal="active",
            summary=f"Requests pile up in {workload}, which does {'nothing' if whole else 'less'}, waiting for nobody.",
            observed=f"{active.now:.3g} requests inside, {cpu.now:.3g} cores",
            baseline=f"{active.before:.3g} requests inside, {cpu.before:.3g} cores",
            score=0.9,
            blames=blames(workload, Mechanism.APP_DEADLOCK, _strength(picture, workload, whole=whole)),
        )


def _strength(picture: Picture, workload: Entity, *, whole: bool) -> float:
    brokers = [broker for broker in picture.having("consumed") if workload in consumers(picture, broker)]
    if any((picture.now(broker, "consumed") or 0.0) > 0 for broker in brokers):
        return STILL_TAKES
    return WHOLE if whole else SOME
