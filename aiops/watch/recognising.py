"""Which families of request metrics a Prometheus has, and how often it scrapes them."""

from __future__ import annotations

from aiops.analysis.signals.families import Recognised, families, recognise
from aiops.analysis.signals.promql import label_sets, presence, samples
from aiops.clients.prometheus import PrometheusClient

LOOKED_AT = 300.0
SCRAPES = 4
"""Scrapes that a rate is taken over, so that one that is missed leaves no hole."""

SHORTEST_SPAN = 60.0


async def recognised(metrics: PrometheusClient, now: float) -> list[Recognised]:
    """The families that are there and whose series say whom they are about. Raises `RemoteError`."""
    known = families()
    there = {series.name for series in await metrics.query(presence(known), now)}
    found: list[Recognised] = []
    for family in known:
        if family.requests in there:
            sets = [series.labels for series in await metrics.query(label_sets(family), now)]
            one = recognise(family, sets)
            found += [one] if one is not None else []
    return found


async def usual_span(metrics: PrometheusClient, known: list[Recognised], now: float) -> float:
    """Seconds over which rates are taken: four scrapes of the family that is scraped least often."""
    longest = SHORTEST_SPAN
    for one in known:
        found = await metrics.query(samples(one.family, LOOKED_AT), now)
        count = max((float(series.values[-1]) for series in found if len(series.values)), default=0.0)
        if count > 0:
            longest = max(longest, SCRAPES * LOOKED_AT / max(count, 1.0))
    return min(longest, LOOKED_AT)
