"""Clients that hold the connections of what users reach first."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

MORE, LEAST = 10.0, 500.0
"""Factor and number by which open connections grow."""

NO_MORE_WORK = 1.2
"""Factor of its CPU up to which a workload does no more than before."""

STRENGTH = 0.8


@behaviour("slow-clients")
def slow_clients(picture: Picture) -> Iterator[Sighting]:
    """Far more open connections at a gateway or an entry that does no more work: clients hold their places."""
    for workload in picture.having("open_connections"):
        open_, cpu = picture.level(workload, "open_connections"), picture.level(workload, "cpu")
        if open_ is None or cpu is None or not open_.rose(MORE, LEAST) or cpu.now > NO_MORE_WORK * cpu.before:
            continue
        if not _is_first(picture, workload) or _behind_pile_up(picture):
            continue
        for place in dict.fromkeys([workload, *picture.entries]):
            yield Sighting(
                subject=place,
                signal="open_connections",
                summary=f"Clients hold {open_.now:.0f} connections of {workload}, which does no more work than before.",
                observed=f"{open_.now:.0f} open connections, {cpu.now:.3g} cores",
                baseline=f"{open_.before:.0f}, {cpu.before:.3g} cores",
                score=0.9,
                blames=blames(workload, Mechanism.LOAD_SLOW_CLIENTS, STRENGTH),
            )


def _is_first(picture: Picture, workload: Entity) -> bool:
    """Is it an entry, or something in front of all that is known to be called?"""
    return workload in picture.entries or not picture.incoming(workload)


def _behind_pile_up(picture: Picture) -> bool:
    """Do requests pile up in an entry? Then what is behind the gateway is slow, and its clients only wait."""
    levels = [level for entry in picture.entries if (level := picture.level(entry, "active")) is not None]
    return any(level.rose(3.0, 10.0) for level in levels)
