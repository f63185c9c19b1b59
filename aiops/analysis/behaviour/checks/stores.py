"""Stores that are slow: who uses them up, who holds their locks, or what they lack."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.behaviour.neighbourhood import asked_more, disk_waits, is_busy, suffers, suspects
from aiops.analysis.behaviour.picture import CallSeen, Newcomer, Picture
from aiops.analysis.behaviour.registry import Sighting, behaviour
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

MORE_OPERATIONS = 1.3
"""Factor by which known clients send more, from which their requests are what a store is busy with."""

LOCKED = ("lock",)
"""In the name of the kind of error of an operation that waited for a lock."""

WITH_CULPRIT, ALONE, LOCK_ERRORS = 0.8, 0.45, 0.85


@behaviour("stores")
def stores(picture: Picture) -> Iterator[Sighting]:
    """A store whose clients wait: busy with no more requests than before (expensive queries, a missing index), or idle
    (locks). Who began to use it just before the trouble is to blame first."""
    for store in sorted({*picture.having("sessions"), *picture.having("store_operations")}, key=str):
        calls = picture.incoming(store)
        slow = [call for call in calls if suffers(call)]
        if not slow or asked_more(picture, store, MORE_OPERATIONS) or disk_waits(picture, store):
            continue
        busy = is_busy(picture, store)
        if not busy and not _piles_up(picture, store) and not _locked(slow):
            continue
        culprits = [one for one in suspects(picture) if store in one.uses]
        yield _sighting(picture, store, slow, busy and not _locked(slow), culprits)


def _piles_up(picture: Picture, store: Entity) -> bool:
    sessions = picture.level(store, "sessions")
    return sessions is not None and sessions.rose(3.0, 3.0)


def _locked(calls: list[CallSeen]) -> bool:
    return any(mark in kind for call in calls for kind in call.errors for mark in LOCKED)


def _sighting(picture: Picture, store: Entity, slow: list[CallSeen], busy: bool, culprits: list[Newcomer]) -> Sighting:
    mechanism = Mechanism.DATA_SLOW_QUERY if busy else Mechanism.DATA_LOCK_CONTENTION
    strength = WITH_CULPRIT if busy or not _locked(slow) else LOCK_ERRORS
    blamed = [Hypothesis(subject=one.entity, mechanism=mechanism, strength=strength) for one in culprits]
    if not culprits:
        mechanism = Mechanism.DATA_MISSING_INDEX if busy else Mechanism.DATA_LOCK_CONTENTION
        blamed = [Hypothesis(subject=store, mechanism=mechanism, strength=ALONE)]
    cpu = picture.level(store, "cpu")
    says = "is busy with no more operations than before" if busy else "does little, and its operations wait"
    who = f" since {', '.join(str(one.entity) for one in culprits)} came" if culprits else ""
    return Sighting(
        subject=store,
        signal="cpu",
        summary=f"{store} {says}{who}.",
        observed=f"{cpu.now:.3g} cores" if cpu else "its operations are slow",
        baseline=f"{cpu.before:.3g} cores" if cpu else "",
        score=0.8,
        blames=tuple(blamed),
    )
