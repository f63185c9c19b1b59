"""Workloads whose requests fill what all share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aiops.analysis.behaviour.neighbourhood import suffering, suspects
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

MORE, LEAST = 1.5, 2.0
"""Factor and requests a second by which a workload gets more requests."""

HIGH, LOW = 5.0, 0.2
"""Factor of the usual that a burst of requests at once reaches, and share of the burst to which it falls between."""

AGAIN = 0.3
"""Share of the highest burst that the others reach: the first one finds queues empty, and later ones are refused."""

TURNS = 2
"""How often requests at once have to fall back from a burst, or rise to one again."""

STRENGTH = 0.85


@behaviour("crowds")
def crowds(picture: Picture) -> Iterator[Sighting]:
    """More requests at what a newcomer calls, or at what users reach first: steadily (a tenant), or in bursts that come
    together."""
    for newcomer in suspects(picture):
        if picture.now(newcomer.entity, "cpu") is None:
            continue
        for target in newcomer.uses or picture.entries:
            bursts = _in_bursts(picture, target)
            grown = _grown(picture, target)
            if not bursts and grown is None:
                continue
            before, now = grown or (0.0, 0.0)
            for victim in dict.fromkeys([target, *suffering(picture)]):
                yield Sighting(
                    subject=victim,
                    signal="active" if bursts else "served",
                    summary=f"{target} gets {'bursts of' if bursts else 'more'} requests since {newcomer.entity} came.",
                    observed=f"{now:.3g} requests a second" if grown else "bursts of requests at once",
                    baseline=f"{before:.3g}" if grown else "",
                    score=0.5,
                    blames=blames(newcomer.entity, _mechanism(bursts), STRENGTH),
                )


def _mechanism(bursts: bool) -> Mechanism:
    return Mechanism.LOAD_SYNCHRONISED if bursts else Mechanism.LOAD_TENANT


def _grown(picture: Picture, target: Entity) -> tuple[float, float] | None:
    """Requests a second before and now, where they grew and stay so: what is slow makes its callers ask again in
    waves."""
    served = picture.level(target, "served")
    return (served.before, served.now) if served is not None and served.rose(MORE, LEAST) else None


def _in_bursts(picture: Picture, target: Entity) -> bool:
    """Do requests at once go up and down between the usual and many times that?"""
    track = picture.tracks.get((target, "active"))
    level = picture.level(target, "active")
    if track is None or level is None or level.peak < max(HIGH * level.before, HIGH):
        return False
    values = Picture.within(track, Window(start=picture.onset, end=picture.window.end))
    high = values >= AGAIN * level.peak
    low = values <= LOW * level.peak
    marked = high[high | low]
    return int(np.sum(marked[1:] != marked[:-1])) >= TURNS + 1
