"""Names from lists of words, none twice."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aiops.lab.apps.data import read_data


class Namer:
    """Draws names. `taken` are those that it never gives."""

    def __init__(self, rng: Random, taken: Iterable[str] = ()) -> None:
        self._rng = rng
        self._words: dict[str, Any] = read_data("words")
        self._taken = set(taken)

    def word(self, kind: str) -> str:
        """A word of a list, given out before or not."""
        return str(self._rng.choice(self._words[kind]))

    def plain(self, kind: str) -> str:
        """A name of one word."""
        return self._free(lambda: self.word(kind))

    def compound(self, kind: str) -> str:
        """A name of a subject and a word of a list: `invoice-router`."""
        return self._free(lambda: f"{self.word('subjects')}-{self.word(kind)}")

    def _free(self, draw: Any) -> str:
        for _ in range(100):
            name = draw()
            if name not in self._taken:
                self._taken.add(name)
                return str(name)
        number = 2
        name = draw()
        while f"{name}-{number}" in self._taken:
            number += 1
        self._taken.add(f"{name}-{number}")
        return f"{name}-{number}"
