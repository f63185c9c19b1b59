"""What several checks of behaviour ask: who suffers, who came just before, who is busy."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.analysis.behaviour.picture import CallSeen, Newcomer, Picture
from aiops.core.entity import Entity

SLOWER, SLOWER_SECONDS = 2.0, 0.01
"""Factor and seconds by which calls have to be slower than before."""

FAILING = 0.02
"""Share of calls that fail beyond the usual, from which a call suffers."""

REPEATED = 0.1
"""Share of calls that fail, from which repeated calls may be why there are more."""

DISK = 0.3
"""Seconds a second in which something waits for the disk of its node, from which that disk is slow."""

BEFORE, AFTER = 900.0, 300.0
"""Seconds before and after the onset within which a newcomer may be what began the trouble: onsets are guesses."""


def suffers(call: CallSeen) -> bool:
    """Do calls take longer, or fail more often, than before?"""
    before, now = call.seconds
    slower = before is not None and now is not None and now >= SLOWER * before and now - before >= SLOWER_SECONDS
    return slower or call.failing[1] - call.failing[0] >= FAILING


def suffering(picture: Picture) -> list[Entity]:
    """The workloads whose callers wait longer for them or get more errors, by name."""
    return sorted({call.target for call in picture.calls if suffers(call)}, key=str)


def suspects(picture: Picture) -> list[Newcomer]:
    """The workloads that came, or were told to do more, about when the trouble began. One that others called before
    serves them, and is no newcomer, whatever was set in it."""
    early, late = picture.onset - BEFORE, picture.onset + AFTER
    return [
        one
        for one in picture.newcomers
        if early <= one.at <= late and not any(call.rate[0] for call in picture.incoming(one.entity))
    ]


def asked_more(picture: Picture, workload: Entity, factor: float, seen: frozenset[Entity] = frozenset()) -> bool:
    """Do its callers want more of a workload than before? Calls that are only made again because they failed are no
    more work: where many fail, the callers themselves have to be asked for more (`seen` are those looked at)."""
    calls = [call for call in picture.incoming(workload) if call.source not in seen]
    before, now = (sum(call.rate[i] or 0.0 for call in calls) for i in (0, 1))
    if not now >= factor * before > 0:
        return False
    answered = sum((call.rate[1] or 0.0) * (1 - call.failing[1]) for call in calls)
    if answered >= min(factor * before, (1 - REPEATED) * now):
        return True
    known = seen | {workload}
    return any(
        asked_more(picture, caller, factor, known) or not picture.incoming(caller)
        for caller in {call.source: None for call in calls}
    )


def is_busy(picture: Picture, workload: Entity) -> bool:
    """Does a workload use much more CPU than before, or is it held back at its limit?"""
    cpu, held = picture.level(workload, "cpu"), picture.level(workload, "throttled")
    return (cpu is not None and cpu.rose(1.5, 0.03)) or (held is not None and held.rose(2.0, 0.2))


def disk_waits(picture: Picture, workload: Entity) -> bool:
    """Does the disk of a node of the workload keep everybody waiting?"""
    nodes = [Entity(kind="Node", name=name) for name in picture.nodes.get(workload, ())]
    levels = [level for node in nodes if (level := picture.level(node, "node_disk_waiting")) is not None]
    return any(level.rose(3.0, DISK) for level in levels)


def anybody_grew(picture: Picture, node: str, signal: str) -> bool:
    """Does a workload of a node use much more of something than before?"""
    there = [workload for workload, nodes in picture.nodes.items() if node in nodes]
    levels = [level for workload in there if (level := picture.level(workload, signal)) is not None]
    return any(level.rose(1.5, 1e5) for level in levels)


def share_of(picture: Picture, workload: Entity, signal: str, among: Sequence[Entity]) -> float:
    """How much of a signal, summed over some workloads, is that of one of them, in 0..1."""
    own = picture.now(workload, signal) or 0.0
    whole = sum(picture.now(one, signal) or 0.0 for one in {*among, workload})
    return own / whole if whole > 0 else 0.0


def amount(value: float, unit: str) -> str:
    """A figure with its unit, short enough for a sentence."""
    return f"{value:.3g} {unit}"


def consumers(picture: Picture, broker: Entity) -> list[Entity]:
    """Who is connected to a broker and was not seen to send to it."""
    senders = {call.source for call in picture.incoming(broker) if (call.rate[0] or call.rate[1] or 0.0) > 0}
    return [user for user in picture.users.get(broker, ()) if user not in senders]
