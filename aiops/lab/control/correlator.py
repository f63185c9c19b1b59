"""Which Events are written, counted, combined or left out: the rules of client-go's `EventCorrelator`."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

SIMILAR = 10
"""So many Events that differ only in their message are written as one from then on."""

SIMILAR_SECONDS = 600.0
BURST, REFILL_SECONDS = 25, 300.0
"""How many Events of one source about one object at once, and how long until there is room for one more."""

REMEMBERED = 16_384
"""Bound on what is remembered of each kind; the longest unused goes first."""

COMBINED = "(combined from similar events): "

Parts = tuple[str, ...]
V = TypeVar("V")


@dataclass(slots=True)
class Note:
    """One thing to tell: `about` identifies object and source, `path` a part of the object."""

    about: Parts
    type: str
    reason: str
    message: str
    path: str = ""


@dataclass(slots=True)
class Told:
    """An Event as it was last written: its name, how often it was seen, and since when."""

    name: str = ""
    count: int = 0
    first: float = 0.0
    combined: bool = False
    message: str = ""


@dataclass(slots=True)
class _Similar:
    messages: dict[str, None] = field(default_factory=dict)
    last: float = 0.0


@dataclass(slots=True)
class _Bucket:
    tokens: float = float(BURST)
    filled_at: float = 0.0


class _Memory(Generic[V]):
    """A map that keeps the most recently used entries."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Parts, V] = OrderedDict()

    def get(self, key: Parts) -> V | None:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Parts, value: V) -> V:
        self._entries[key] = value
        if len(self._entries) > REMEMBERED:
            self._entries.popitem(last=False)
        return value


class Correlator:
    """One component's memory of what it told."""

    def __init__(self) -> None:
        self._similar: _Memory[_Similar] = _Memory()
        self._told: _Memory[Told] = _Memory()
        self._buckets: _Memory[_Bucket] = _Memory()

    def observe(self, note: Note, now: float) -> Told | None:
        """The Event to write, with its new count (1: a new one); None where the source tells too much."""
        key, combined = self._aggregate(note, now)
        told = self._told.get(key) or self._told.put(key, Told(first=now, combined=combined))
        told.count += 1
        told.message = COMBINED + note.message if combined else note.message
        return told if self._accepts((*note.about, note.type), now) else None

    def _aggregate(self, note: Note, now: float) -> tuple[Parts, bool]:
        """Under which key an Event is counted, and whether it stands for several."""
        family = (*note.about, note.type, note.reason)
        similar = self._similar.get(family)
        if similar is None or now - similar.last > SIMILAR_SECONDS:
            similar = self._similar.put(family, _Similar())
        similar.messages[note.message] = None
        similar.last = now
        if len(similar.messages) < SIMILAR:
            return (*family, note.path, note.message), False
        del similar.messages[next(iter(similar.messages))]
        return family, True

    def _accepts(self, source: Parts, now: float) -> bool:
        bucket = self._buckets.get(source) or self._buckets.put(source, _Bucket(filled_at=now))
        bucket.tokens = min(bucket.tokens + (now - bucket.filled_at) / REFILL_SECONDS, BURST)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
