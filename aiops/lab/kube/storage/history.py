"""The last writes to the store, for watches and controllers."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import expired

HISTORY = 20_000
"""How many writes are kept; who asks for older ones gets 410 and lists again."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write. `old` is None for a new object; `new` of a deletion is the last state at the new revision."""

    revision: int
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    kind: str
    new: Manifest
    old: Manifest | None


class History:
    """A ring of writes with consecutive revisions, and the listeners that hear of each new one.

    A reader that must miss nothing says how far it has read; what it has not is kept beyond the ring's size."""

    def __init__(self, size: int = HISTORY) -> None:
        self._size = size
        self._ring: deque[Write] = deque()
        self._read_to = math.inf
        self._listeners: list[Callable[[], None]] = []

    def append(self, write: Write) -> None:
        self._ring.append(write)
        self._trim()
        for listener in self._listeners:
            listener()

    def read_to(self, revision: int) -> None:
        """The reader that must miss nothing has read all writes up to this one."""
        self._read_to = revision
        self._trim()

    def _trim(self) -> None:
        ring = self._ring
        while len(ring) > self._size and ring[0].revision <= self._read_to:
            ring.popleft()

    def reaches(self, revision: int) -> bool:
        """Are all writes after a revision still here?"""
        return not self._ring or revision + 1 >= self._ring[0].revision

    def since(self, revision: int) -> Iterator[Write]:
        """The writes after a revision, oldest first. Raises 410 `Expired` where some of them are gone."""
        if not self._ring:
            return iter(())
        oldest = self._ring[0].revision
        if not self.reaches(revision):
            raise expired(revision, oldest)
        return islice(self._ring, revision + 1 - oldest, None)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at each write, until the function returned is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
