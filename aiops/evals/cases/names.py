"""Entities by number, in the order in which they are met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt


class Names:
    """Gives each name a number. Nothing but the number is used for ranking."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def number(self, name: str) -> int:
        """The number of a name, a new one where it was not met before."""
        return self._numbers.setdefault(name, len(self._numbers))

    def numbers(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """The numbers of many names (n,)."""
        for name in dict.fromkeys(names):
            self.number(name)
        return np.array(list(map(self._numbers.__getitem__, names)), dtype=np.int64)

    def all(self) -> tuple[str, ...]:
        """All names, by number."""
        return tuple(self._numbers)


def workload(name: str) -> str:
    """The workload of a pod that is given as `workload/pod`; other names stand for themselves."""
    return name.partition("/")[0]


def members(entity: str, known: Iterable[str]) -> list[str]:
    """The pods of a workload among `known`; the entity itself where it has none, or is one of them."""
    everything = list(known)
    if entity in everything:
        return [entity]
    return [name for name in everything if name.startswith(f"{entity}/")] or [entity]
