"""Which families of request metrics the user's Prometheus has: found out once, and again after a while."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.analysis.signals.recognising import recognised
from aiops.clients.prometheus import PrometheusClient
from aiops.core.errors import InvalidInputError, RemoteError
from aiops.core.telemetry import Series
from aiops.tools.kit.signal_sources import TRAFFIC, TrafficSource, source_of

KEPT_SECONDS = 1800.0


@dataclass(slots=True)
class TrafficSources:
    """What was found, and when (unix seconds)."""

    _found: tuple[TrafficSource, ...] = ()
    _at: float = float("-inf")

    async def read(self, metrics: PrometheusClient | None, now: float) -> tuple[TrafficSource, ...]:
        """The families that are there; where that cannot be read or none is known, the usual ones."""
        if metrics is not None and abs(now - self._at) >= KEPT_SECONDS:
            try:
                self._found, self._at = await _there(metrics, now), now
            except (RemoteError, InvalidInputError):
                return self._found or TRAFFIC
        return self._found or TRAFFIC


async def _there(metrics: PrometheusClient, now: float) -> tuple[TrafficSource, ...]:
    async def ask(promql: str) -> list[Series]:
        return await metrics.query(promql, now)

    return tuple(map(source_of, await recognised(ask)))
