"""Requests that cost a process far more CPU than they used to."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import asked_more
from aiops.analysis.behaviour.picture import Level, Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

DEARER = 1.8
"""Factor by which the CPU of a request grows."""

COLLECTING = 0.015
"""Share of the time in collections above which these are what costs."""

STRENGTH, OF_A_VERSION = 0.4, 0.25


@behaviour("costly-work")
def costly_work(picture: Picture) -> Iterator[Sighting]:
    """More CPU for no more requests: an input meets an expression or a rule that is dear for it, or a version works
    worse."""
    for workload in picture.having("cpu"):
        cpu, served = picture.level(workload, "cpu"), picture.level(workload, "served")
        if cpu is None or served is None or asked_more(picture, workload, 1.3) or not served.before:
            continue
        cost = _cost(cpu, served)
        if not (cpu.rose(1.3, 0.03) or _held_back(picture, workload)) or cost < DEARER or _collects(picture, workload):
            continue
        yield Sighting(
            subject=workload,
            signal="cpu",
            summary=f"A request costs {workload} {min(cost, 99):.1f} times the CPU of before.",
            observed=f"{cpu.now:.3g} cores for {served.now:.3g} requests a second",
            baseline=f"{cpu.before:.3g} cores for {served.before:.3g}",
            score=0.6,
            blames=(
                Hypothesis(subject=workload, mechanism=Mechanism.APP_COSTLY_PATTERN, strength=STRENGTH),
                Hypothesis(subject=workload, mechanism=Mechanism.APP_VERSION, strength=OF_A_VERSION),
            ),
        )


def _cost(cpu: Level, served: Level) -> float:
    """Factor of the CPU of a request."""
    return (cpu.now / max(served.now, 0.02 * served.before)) / (cpu.before / served.before) if cpu.before > 0 else 0.0


def _held_back(picture: Picture, workload: Entity) -> bool:
    held = picture.level(workload, "throttled")
    return held is not None and held.rose(2.0, 0.3)


def _collects(picture: Picture, workload: Entity) -> bool:
    share = picture.level(workload, "gc_share")
    return share is not None and share.rose(5.0, COLLECTING)
