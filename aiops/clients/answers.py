"""Answers that are kept for one look at a service, so that what several ask for is read once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Answers(Generic[T]):
    """Answers by what was asked. Who asks while the same is being asked waits for that answer.

    An error is no answer: the next one who asks tries again. So does one whose predecessor was cancelled.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, T] = {}
        self._asking: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer that is known, else what `ask` gives. Raises as `ask` does."""
        async with self._asking[question]:
            if question not in self._known:
                self._known[question] = await ask()
            return self._known[question]
