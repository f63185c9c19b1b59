"""The label sets of a vector, and what was worked out about them before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from aiops.lab.tsdb.labels import Labels

T = TypeVar("T")

_REMEMBERED = 32
"""Results that one list of label sets remembers."""


class LabelSets(Sequence[Labels]):
    """A list of label sets that never changes.

    Rules and dashboards ask the same again and again, and a selector gives the same object as long as no series comes
    or goes: grouping, matching and renaming are then done once. Equal only to itself.
    """

    __slots__ = ("_memory", "_sets")

    def __init__(self, sets: Sequence[Labels]) -> None:
        self._sets = sets
        self._memory: dict[Hashable, Any] = {}

    def __reduce__(self) -> tuple[type[LabelSets], tuple[Sequence[Labels]]]:
        return LabelSets, (self._sets,)

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[Labels]:
        return iter(self._sets)

    @overload
    def __getitem__(self, index: int) -> Labels: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Labels]: ...

    def __getitem__(self, index: int | slice) -> Labels | Sequence[Labels]:
        return self._sets[index]

    def remember(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` gives, which may depend on these label sets and on the key only."""
        if key in self._memory:
            known: T = self._memory[key]
            return known
        if len(self._memory) >= _REMEMBERED:
            self._memory.clear()
        found = self._memory[key] = compute()
        return found

    def where(self, mask: npt.NDArray[np.bool_]) -> LabelSets:
        """Those that a mask chooses; the very same object where it chooses all."""
        if mask.all():
            return self
        return self.remember(("where", mask.tobytes()), lambda: self.take(np.flatnonzero(mask)))

    def take(self, rows: npt.NDArray[np.int64]) -> LabelSets:
        return LabelSets([self._sets[row] for row in rows.tolist()])
