"""A pool of connections of which none is left, while the store behind it has little to do."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import amount, is_busy
from aiops.analysis.behaviour.picture import Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour, blames
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

FULL, ROOM = 0.85, 0.7
"""Share of a pool that is in use now, and before."""

MORE_SESSIONS = 2.0
"""Factor by which a store works on more at once, from which the store is what is slow."""


@behaviour("connection-leak")
def connection_leak(picture: Picture) -> Iterator[Sighting]:
    """Pools that are used up though what they lead to is not busier than before: connections do not come back."""
    for workload in sorted({*picture.having("pool_use"), *picture.having("pool_timeouts")}, key=str):
        used, given_up = picture.level(workload, "pool_use"), picture.level(workload, "pool_timeouts")
        full = used is not None and used.now >= FULL and used.before <= ROOM
        sure = given_up is not None and given_up.rose(3.0, 0.05)
        if not (full or sure) or any(_slow(picture, call.target) for call in picture.outgoing(workload)):
            continue
        yield Sighting(
            subject=workload,
            signal="pool_timeouts" if sure else "pool_use",
            summary=f"No connection is left in a pool of {workload}, and what they lead to is not busier.",
            observed=amount(given_up.now, "waits given up a second") if sure and given_up else "all in use",
            baseline=amount(given_up.before, "a second") if sure and given_up else "",
            score=0.9,
            blames=blames(workload, Mechanism.APP_CONNECTION_LEAK, 0.75 if sure else 0.6),
        )


def _slow(picture: Picture, store: Entity) -> bool:
    sessions = picture.level(store, "sessions")
    return is_busy(picture, store) or (sessions is not None and sessions.rose(MORE_SESSIONS, 3.0))
