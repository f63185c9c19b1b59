"""Which disturbances there are, in the order in which they began."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from aiops.core.disturbance import Behaviour, Disturbance
from aiops.core.disturbance.process import Misbehaviour, Release
from aiops.core.errors import ConflictError

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Entry:
    """A disturbance that began at `since` (unix seconds). `bound` are the ids of the containers whose processes it
    came over, where it ends with them; None where it is not bound to processes."""

    disturbance: Disturbance
    since: float
    bound: frozenset[str] | None = None


class DisturbanceBook:
    """`revision` rises whenever something is to be worked into the layout anew."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.revision = 0
        self.now = now
        self._entries: dict[str, Entry] = {}

    def __bool__(self) -> bool:
        return bool(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def add(self, name: str, disturbance: Disturbance, bound: frozenset[str] | None = None) -> bool:
        """Whether it is new. Raises `ConflictError` where another one has the name."""
        found = self._entries.get(name)
        if found is not None:
            if found.disturbance != disturbance:
                raise ConflictError(f"another disturbance has the id {name}")
            return False
        self._entries[name] = Entry(disturbance, self.now(), bound)
        self.renew()
        return True

    def remove(self, name: str) -> Disturbance | None:
        """Take it out; None where there is none of the name."""
        entry = self._entries.pop(name, None)
        if entry is None:
            return None
        self.renew()
        return entry.disturbance

    def entries(self) -> dict[str, Entry]:
        return dict(self._entries)

    def of(self, *kinds: type[Kind]) -> Iterator[Kind]:
        """The disturbances of these types."""
        for disturbance, _ in self.since(*kinds):
            yield disturbance

    def since(self, *kinds: type[Kind]) -> Iterator[tuple[Kind, float]]:
        """Those of these types, and when they began."""
        for entry in self._entries.values():
            if isinstance(entry.disturbance, kinds):
                yield entry.disturbance, entry.since

    def renew(self) -> None:
        """Have everything worked into the layout anew."""
        self.revision += 1


def behaviours_of(disturbance: Disturbance) -> tuple[Behaviour, ...]:
    """What a disturbance makes programs do."""
    return disturbance.behaviours if isinstance(disturbance, Misbehaviour | Release) else ()
