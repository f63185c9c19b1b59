"""What metrics say of each entity: how far it departs by itself, and how much of the target's trouble is its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.deviation import THRESHOLD
from aiops.analysis.rootcause.from_recordings.excess import Excess, excess
from aiops.analysis.rootcause.from_recordings.flow import followed
from aiops.analysis.rootcause.from_recordings.kinds import Kind
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.pooling import combined, pooled
from aiops.analysis.rootcause.from_recordings.window import FELT, Window
from aiops.core.telemetry import FloatArray


@dataclass(frozen=True, slots=True)
class MetricBlame:
    """`pooled` (m,) in 0..1: departure of each entity, as a share of the largest, which is `raw` (m,) before that.

    `followed` (m,) says where the trouble of the targets begins, and sums to how clearly they suffer, in 0..1; None
    where no calls lead from their symptoms.
    """

    pooled: FloatArray
    raw: FloatArray
    followed: FloatArray | None
    departures: Excess


def metric_blame(
    panel: Panel, window: Window, targets: Sequence[int], calls: Sequence[tuple[int, int]], count: int
) -> MetricBlame:
    """The blame of `count` entities by the metrics of a panel."""
    departures = excess(panel, window)
    raw = combined(*pooled(panel, departures.z, count))
    shares = _followed(panel, departures, targets, calls, count) if calls else None
    return MetricBlame(raw / max(float(raw.max(initial=0.0)), 1e-9), raw, shares, departures)


def _followed(
    panel: Panel, departures: Excess, targets: Sequence[int], calls: Sequence[tuple[int, int]], count: int
) -> FloatArray | None:
    """The blame that flows from each symptom of each target, weighted by how strong the symptom is."""
    total, weight, strongest = np.zeros(count), 0.0, 0.0
    symptoms = panel.of_kind(Kind.LATENCY, Kind.ERRORS) & panel.additive
    for metric in np.unique(panel.metric[symptoms]).tolist():
        columns = symptoms & (panel.metric == metric)
        amount, z = np.zeros(count), np.zeros(count)
        each = panel.entity[columns]
        traffic = _traffic(panel, departures, int(panel.source[columns][0]), count)
        amount[each] = departures.amount[columns] * traffic[each]
        z[each] = departures.z[columns]
        for target in targets:
            if z[target] >= FELT and amount[target] > 0:
                total += z[target] * followed(target, calls, amount, z, count)
                weight += float(z[target])
                strongest = max(strongest, float(z[target]))
    return total / weight * (strongest / (strongest + THRESHOLD)) if weight > 0 else None


def _traffic(panel: Panel, departures: Excess, source: int, count: int) -> FloatArray:
    """Requests to each entity (count,) while the trouble shows, by the metric of this source that most entities have;
    1 for all where there is none."""
    columns = panel.of_kind(Kind.TRAFFIC) & (panel.source == source)
    if not columns.any():
        return np.ones(count)
    names, entities = np.unique(panel.metric[columns], return_counts=True)
    chosen = columns & (panel.metric == names[int(np.argmax(entities))])
    found = np.zeros(count)
    found[panel.entity[chosen]] = np.nan_to_num(departures.observed[chosen])
    return found
