"""The machines behind the nodes: each runs until it is stopped."""

from __future__ import annotations

from collections.abc import Callable


class Machines:
    """Which machines are down, and since when (unix seconds). What nobody stopped runs."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._down: dict[str, float] = {}
        self._news: dict[str, None] = {}

    def is_up(self, name: str) -> bool:
        return name not in self._down

    def down_since(self, name: str) -> float | None:
        return self._down.get(name)

    def stop(self, name: str) -> None:
        """Cut a machine off: no report, no probe, nothing that its containers do is seen any more."""
        self._down.setdefault(name, self._now())
        self._news[name] = None

    def start(self, name: str) -> None:
        self._down.pop(name, None)
        self._news[name] = None

    def take_news(self) -> list[str]:
        """The machines that were stopped or started since the last call."""
        names = list(self._news)
        self._news.clear()
        return names
