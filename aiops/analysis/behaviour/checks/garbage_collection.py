"""Collections of the heap that take the time of a process."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import amount
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.mechanism import Mechanism

MUCH, SOME = 0.1, 0.015
"""Share of the time in collections that is too much anyhow, and that tells where it was far less before."""

FACTOR = 5.0


@behaviour("garbage-collection")
def garbage_collection(picture: Picture) -> Iterator[Sighting]:
    """A far larger share of the time in collections than before."""
    for workload in picture.having("gc_share"):
        share = picture.level(workload, "gc_share")
        if share is None or not share.rose(FACTOR, SOME):
            continue
        yield Sighting(
            subject=workload,
            signal="gc_share",
            summary=f"{workload} spends its time in collections of its heap.",
            observed=amount(share.now, "of the time"),
            baseline=amount(share.before, "of the time"),
            score=0.8 if share.now >= MUCH else 0.6,
            blames=blames(workload, Mechanism.APP_GARBAGE_COLLECTION, 0.8 if share.now >= MUCH else 0.65),
        )
