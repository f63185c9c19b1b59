"""Which families of request metrics a Prometheus has, and how often it scrapes them. Who calls brings the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiops.analysis.signals.families import Recognised, families, recognise
from aiops.analysis.signals.promql import label_sets, presence, samples
from aiops.core.telemetry import Series

LOOKED_AT = 300.0
SCRAPES = 4
"""Scrapes that a rate is taken over, so that one that is missed leaves no hole."""

SHORTEST_SPAN = 60.0

Ask = Callable[[str], Awaitable[list[Series]]]
"""Gives the values of an expression now."""


async def recognised(ask: Ask) -> list[Recognised]:
    """The families that are there and whose series say whom they are about."""
    known = families()
    there = {series.name for series in await ask(presence(known))}
    found: list[Recognised] = []
    for family in known:
        if family.requests in there:
            sets = [series.labels for series in await ask(label_sets(family))]
            one = recognise(family, sets)
            found += [one] if one is not None else []
    return found


async def usual_span(ask: Ask, known: list[Recognised]) -> float:
    """Seconds over which rates are taken: four scrapes of the family that is scraped least often."""
    longest = SHORTEST_SPAN
    for one in known:
        found = await ask(samples(one.family, LOOKED_AT))
        count = max((float(series.values[-1]) for series in found if len(series.values)), default=0.0)
        if count > 0:
            longest = max(longest, SCRAPES * LOOKED_AT / count)
    return min(longest, LOOKED_AT)
