"""A pool of connections of which none is left, while the store behind it has little to do."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import amount, is_busy
from aiops.analysis.behaviour.picture import Level, Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

FULL, ROOM = 0.85, 0.7
"""Share of a pool that is in use now, and before."""

SURE, LIKELY = 0.75, 0.6
"""Strength where waits for a connection are given up, and where all connections are in use."""

MORE_SESSIONS = 2.0
"""Factor by which a store works on more at once, from which the store is what is slow."""


@behaviour("connection-leak")
def connection_leak(picture: Picture) -> Iterator[Sighting]:
    """Pools that are used up though what they lead to is not busier than before: connections do not come back.

    A leak is one program's. Whoever calls a workload with a full pool waits for that one, and where several fill up at
    once what they share is slow: each of them is as little likely as they are many."""
    full = {workload: _given_up(picture, workload) for workload in _pooled(picture) if _is_full(picture, workload)}
    first = [one for one in full if not any(call.target in full for call in picture.outgoing(one))] or list(full)
    for workload, given_up in full.items():
        strength = SURE if given_up else LIKELY
        yield Sighting(
            subject=workload,
            signal="pool_timeouts" if given_up else "pool_use",
            summary=f"No connection is left in a pool of {workload}, and what they lead to is not busier.",
            observed=amount(given_up.now, "waits given up a second") if given_up else "all in use",
            baseline=amount(given_up.before, "a second") if given_up else "",
            score=0.9,
            blames=blames(workload, Mechanism.APP_CONNECTION_LEAK, strength / len(first)) if workload in first else (),
        )


def _pooled(picture: Picture) -> list[Entity]:
    return sorted({*picture.having("pool_use"), *picture.having("pool_timeouts")}, key=str)


def _given_up(picture: Picture, workload: Entity) -> Level | None:
    """How often waits for a connection are given up, where that is much more often than before."""
    level = picture.level(workload, "pool_timeouts")
    return level if level is not None and level.rose(3.0, 0.05) else None


def _is_full(picture: Picture, workload: Entity) -> bool:
    """Have its pools no room any more, though what they lead to is no slower by itself?"""
    used = picture.level(workload, "pool_use")
    full = used is not None and used.now >= FULL and used.before <= ROOM
    waits = full or _given_up(picture, workload) is not None
    return waits and not any(_slow(picture, call.target) for call in picture.outgoing(workload))


def _slow(picture: Picture, store: Entity) -> bool:
    sessions = picture.level(store, "sessions")
    return is_busy(picture, store) or (sessions is not None and sessions.rose(MORE_SESSIONS, 3.0))
