"""What the warnings of the cluster say about an object."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import moment


@dataclass(frozen=True, slots=True)
class Event:
    """An event about `entity`: seen `count` times between `first_at` and `last_at` (unix seconds, 0: not known).

    `message` is untrusted text."""

    entity: Entity
    reason: str
    message: str
    count: int
    first_at: float
    last_at: float


def events(state: ClusterState, *reasons: str) -> list[Event]:
    """The events that were read, of these reasons (none: of all), the newest first."""
    return _ordered(state.of("Event"), reasons)


def events_about(state: ClusterState, entity: Entity, *reasons: str) -> list[Event]:
    """As `events`, about one object."""
    return _ordered(state.about(entity), reasons)


def _ordered(items: list[Manifest], reasons: tuple[str, ...]) -> list[Event]:
    found = [_event(item) for item in items if not reasons or item.get("reason") in reasons]
    return sorted(found, key=lambda event: (-event.last_at, str(event.entity), event.reason, event.message))


def _event(item: Manifest) -> Event:
    about, series = item.get("involvedObject") or {}, item.get("series") or {}
    first = moment(item.get("firstTimestamp")) or moment(item.get("eventTime"))
    last = moment(series.get("lastObservedTime")) or moment(item.get("lastTimestamp")) or first
    return Event(
        entity=Entity(kind=about.get("kind", ""), namespace=about.get("namespace", ""), name=about.get("name", "")),
        reason=str(item.get("reason", "")),
        message=str(item.get("message", "")),
        count=int(series.get("count") or item.get("count") or 1),
        first_at=first or last or 0.0,
        last_at=last or 0.0,
    )
