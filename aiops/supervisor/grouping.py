"""Which incident a signal belongs to: by what it is about, by who calls whom, and by when it came.

No signal that fires is dropped: what belongs nowhere opens an incident. What has ended takes nothing in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from aiops.core.entity import Edge
from aiops.core.incident import Signal
from aiops.tools.kit.alert_labels import namespace_of

MOST_AT_ONCE = 20
"""Unfinished incidents beyond which trouble in yet another namespace is taken for trouble of the whole cluster."""

JOINS_FOR = 1800.0
"""Seconds after the newest signal of an incident within which another one of its namespace is taken for the same
trouble. Later ones are news: an incident that waits for a person for days must not hide them."""

SPREADS_FOR = 300.0
"""The same for signals of a namespace that the incident's calls, or is called by: trouble spreads within minutes."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An incident that is worked on: the namespaces that it is about, and when its newest signal came."""

    namespaces: tuple[str, ...]
    heard: float


@dataclass(slots=True)
class Neighbours:
    """Which namespaces call one another, as far as investigations have seen."""

    _pairs: set[tuple[str, str]] = field(default_factory=set)

    def learn(self, calls: Collection[Edge]) -> None:
        """Take in the calls of an investigation."""
        for call in calls:
            source, target = call.source.namespace, call.target.namespace
            if source and target and source != target:
                self._pairs |= {(source, target), (target, source)}

    def touch(self, one: Collection[str], other: Collection[str]) -> bool:
        """Whether a namespace of the one calls one of the other, or is called by it."""
        return any((a, b) in self._pairs for a in one for b in other)


def namespaces_of(signal: Signal) -> tuple[str, ...]:
    """The namespaces that a signal speaks of; none where it speaks of the whole cluster."""
    named = signal.subject.namespace if signal.subject else ""
    named = named or namespace_of(signal.labels)
    return (named,) if named else ()


def home_of(
    signal: Signal,
    unfinished: Mapping[str, Unfinished],
    knowing: Collection[str],
    neighbours: Neighbours | None = None,
) -> str | None:
    """The id of the unfinished incident that a signal belongs to: the one that knows its alert, else a recent one
    about its namespace, else one that has just begun in a namespace beside it, else, where there are very many, the one
    about the whole cluster. `unfinished` has the newest first; `knowing` are incidents that know the alert."""
    for incident in unfinished:
        if incident in knowing:
            return incident
    spoken_of = set(namespaces_of(signal))
    for incident, one in unfinished.items():
        same = not spoken_of or spoken_of & set(one.namespaces)
        if same and signal.received_at - one.heard <= JOINS_FOR:
            return incident
    for incident, one in unfinished.items():
        beside = neighbours is not None and neighbours.touch(spoken_of, one.namespaces)
        if beside and signal.received_at - one.heard <= SPREADS_FOR:
            return incident
    if len(unfinished) > MOST_AT_ONCE:
        return next((incident for incident, one in unfinished.items() if not one.namespaces), None)
    return None
