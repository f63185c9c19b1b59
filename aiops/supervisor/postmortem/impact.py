"""What an incident cost users: minutes in which a service broke its promise, and how much of its error budget."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aiops.core.entity import Entity
from aiops.core.model import Value
from aiops.tools.golden_signals import EntitySignals

MONTH = 30 * 86400.0


class Impact(Value):
    """Of one service or entry point: requests, how many failed, the minutes in which fewer succeeded than promised,
    the worst minute's share of failures, and the share of a month's error budget that is gone."""

    entity: Entity
    requests: float
    failed: float
    minutes: float
    worst: float
    budget: float


def impacts(entities: Iterable[EntitySignals], objective: float, step: float) -> list[Impact]:
    """Who broke the promise for a minute or more, entry points first, then by how much. The series are rates; `step` is
    in seconds."""
    found = [one for item in entities if (one := _impact(item, objective, step)) is not None]
    return sorted(found, key=lambda one: (one.entity.kind != "Ingress", -one.failed, str(one.entity)))


def _impact(item: EntitySignals, objective: float, step: float) -> Impact | None:
    rate, ratio = item.signal("rate"), item.signal("error_ratio")
    if rate is None or ratio is None:
        return None
    asked = dict(zip(rate.series.times, rate.series.values, strict=True))
    shares = np.array([share for at, share in zip(ratio.series.times, ratio.series.values, strict=True) if at in asked])
    rates = np.array([asked[at] for at in ratio.series.times if at in asked])
    failed = float((rates * shares).sum() * step)
    broken = shares > 1.0 - objective
    if not broken.any():
        return None
    allowed = float(rates.mean()) * MONTH * (1.0 - objective)
    return Impact(
        entity=item.entity,
        requests=float(rates.sum() * step),
        failed=failed,
        minutes=float(broken.sum() * step / 60.0),
        worst=float(shares.max()),
        budget=failed / allowed if allowed > 0 else 0.0,
    )
