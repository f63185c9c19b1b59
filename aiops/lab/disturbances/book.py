"""Which disturbances there are, in the order in which they began."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from aiops.core.disturbance import Behaviour, Disturbance, Pods
from aiops.core.disturbance.process import Misbehaviour, Release
from aiops.core.errors import ConflictError

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Entry:
    """A disturbance that began at `since` (unix seconds). `bound` are the ids of the containers whose processes it
    came over, where it ends with them; None where it is not bound to processes. It is not `awake` while nothing runs
    of what it is tied to; `since` is when it last woke up."""

    disturbance: Disturbance
    since: float
    bound: frozenset[str] | None = None
    awake: bool = True


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

    def add(
        self, name: str, disturbance: Disturbance, bound: frozenset[str] | None = None, *, awake: bool = True
    ) -> bool:
        """Whether it is new. Raises `ConflictError` where another one has the name."""
        found = self._entries.get(name)
        if found is not None:
            if found.disturbance != disturbance:
                raise ConflictError(f"another disturbance has the id {name}")
            return False
        self._entries[name] = Entry(disturbance, self.now(), bound, awake)
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
        """All of them, by name."""
        return dict(self._entries)

    def awake(self) -> list[Entry]:
        """Those that are not asleep."""
        return [entry for entry in self._entries.values() if entry.awake]

    def rouse(self, runs: Callable[[Pods], bool]) -> list[Entry]:
        """Wake or lay down what is there only while some pods run, and give those that changed."""
        changed = []
        for name, entry in self._entries.items():
            tied = entry.disturbance.while_running
            if tied is not None and runs(tied) != entry.awake:
                self._entries[name] = replace(entry, awake=not entry.awake, since=self.now())
                changed.append(self._entries[name])
        if changed:
            self.renew()
        return changed

    def of(self, *kinds: type[Kind]) -> Iterator[Kind]:
        """The disturbances of these types that are awake."""
        for disturbance, _ in self.since(*kinds):
            yield disturbance

    def since(self, *kinds: type[Kind]) -> Iterator[tuple[Kind, float]]:
        """Those of these types, and when they began."""
        for entry in self.awake():
            if isinstance(entry.disturbance, kinds):
                yield entry.disturbance, entry.since

    def renew(self) -> None:
        """Have everything worked into the layout anew."""
        self.revision += 1


def behaviours_of(disturbance: Disturbance) -> tuple[Behaviour, ...]:
    """What a disturbance makes programs do."""
    return disturbance.behaviours if isinstance(disturbance, Misbehaviour | Release) else ()
