"""A process that needs more memory the longer it runs."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import amount, asked_more
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.analysis.behaviour.shapes import climbs, saw_tooth
from aiops.core.mechanism import Mechanism

EARLIER = 300.0
"""Seconds before the guessed onset in which memory may have begun to climb."""

NEARLY_FULL = 0.85
"""Share of the memory limit that a climb has reached at its highest, to have done harm."""


@behaviour("memory-leak")
def memory_leak(picture: Picture) -> Iterator[Sighting]:
    """Memory that climbs steadily at no more requests than before, or climbs and falls back with each restart."""
    for workload in picture.having("memory"):
        level, share = picture.level(workload, "memory"), picture.level(workload, "memory_share")
        if level is None or share is None or asked_more(picture, workload, 1.5):
            continue
        track = picture.tracks[workload, "memory"]
        teeth = saw_tooth(track, picture.onset - EARLIER)
        if share.peak < NEARLY_FULL or not (climbs(track, picture.onset - EARLIER) or teeth):
            continue
        yield Sighting(
            subject=workload,
            signal="memory",
            summary=f"Memory of {workload} climbs steadily{' and falls back with each restart' if teeth else ''}.",
            observed=amount(level.peak, f"bytes at most, {share.peak:.0%} of the limit"),
            baseline=amount(level.before, "bytes"),
            score=0.7,
            blames=blames(workload, Mechanism.APP_MEMORY_LEAK, 0.65),
        )
