"""Delays that double with each failure and start anew after a long time without one."""

from __future__ import annotations


class RetryDelays:
    """Delays by key, as client-go's `flowcontrol.Backoff` keeps them. Seconds."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._entries: dict[tuple[str, ...], tuple[float, float]] = {}

    def until(self, key: tuple[str, ...], now: float) -> float | None:
        """When the next try may be; None where it may be now."""
        delay, used = self._entries.get(key, (0.0, 0.0))
        return used + delay if delay and now < used + delay else None

    def use(self, key: tuple[str, ...], now: float) -> None:
        """Count one more try."""
        delay, used = self._entries.get(key, (0.0, 0.0))
        expired = now - used > 2 * self._longest
        self._entries[key] = (self._first if expired or not delay else min(2 * delay, self._longest), now)
        if len(self._entries) > 10_000:
            self._entries = {k: e for k, e in self._entries.items() if now - e[1] <= 2 * self._longest}
