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
    or goes: grouping, matching and renaming are then done once. Where some come at the end, what was worked out is gone
    on with. Equal only to itself.
    """

    __slots__ = ("_before", "_memory", "_sets")

    def __init__(self, sets: Sequence[Labels]) -> None:
        self._sets = sets
        self._memory: dict[Hashable, Any] = {}
        self._before: tuple[int, dict[Hashable, Any]] = (0, {})

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

    def gathered(self, key: Hashable, gather: Callable[[T | None, Sequence[Labels]], T]) -> T:
        """What `gather` makes of what it made of the first label sets (None: of nothing) and of the rest. It may depend
        on them and on the key only, and leaves what it made before as it is."""

        def compute() -> T:
            count, memory = self._before
            known: T | None = memory.get(key)
            return gather(known, self._sets if known is None else self._sets[count:])

        return self.remember(key, compute)

    def grown(self, more: Sequence[Labels]) -> LabelSets:
        """These and more after them."""
        if not len(more):
            return self
        other = LabelSets([*self._sets, *more])
        other._before = (len(self._sets), self._memory)
        self._before = (0, {})
        return other

    def where(self, mask: npt.NDArray[np.bool_]) -> LabelSets:
        """Those that a mask chooses; the very same object where it chooses all."""
        if mask.all():
            return self
        return self.remember(("where", mask.tobytes()), lambda: self.take(np.flatnonzero(mask)))

    def take(self, rows: npt.NDArray[np.int64]) -> LabelSets:
        return LabelSets([self._sets[row] for row in rows.tolist()])
