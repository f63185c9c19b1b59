"""Samples in long form to a matrix: one row a moment, one column a metric of an entity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.analysis.rootcause.from_recordings.kinds import Kind, averages, kind_of, may_count_up
from aiops.analysis.rootcause.from_recordings.recording import IntArray, Samples
from aiops.core.telemetry import FloatArray

BEYOND = 1e100
"""Values of this size are no measurements, and overflow."""

LEAST_STEP = 1e-3
MOST_CELLS = 8_000_000
"""Seconds between rows at least, and cells of a matrix at most: series that share no step at all get coarser rows."""

RISES = 0.95
"""Share of the steps of a series that must not fall, for it to be a counter; resets are rare."""


@dataclass(frozen=True, slots=True)
class Panel:
    """`times` (n,) rising, unix seconds; `values` (n, k) with NaN where nothing was recorded.

    `entity` and `metric` (k,) say what a column holds, `kinds` (k,) of which kind it is, `source` (k,) from which table
    it was made: amounts of one source can be multiplied. Counters are rates here,
    and shares of success are shares of failure (kind `ERRORS`), so that more is worse for latency and errors. `unit`
    (k,) is what counts as one step of a column at least: how much 1 % of failures is, 0 where nothing tells.
    """

    times: FloatArray
    values: FloatArray
    entity: IntArray
    metric: IntArray
    names: tuple[str, ...]
    kinds: npt.NDArray[np.object_]
    unit: FloatArray
    source: IntArray

    @property
    def additive(self) -> npt.NDArray[np.bool_]:
        """Which columns (k,) add up over calls: means do, percentiles do not. All are taken where nothing is a mean."""
        mean = np.array([averages(name) for name in self.names], dtype=bool)
        latency = np.array([kind_of(name) == Kind.LATENCY for name in self.names], dtype=bool)
        return np.asarray((mean | ~latency | (not (mean & latency).any()))[self.metric])

    def of_kind(self, *kinds: Kind) -> npt.NDArray[np.bool_]:
        """Which columns (k,) are of one of these kinds."""
        return np.isin(self.kinds.astype(str), [kind.value for kind in kinds])


def beside(first: Panel, second: Panel) -> Panel:
    """The columns of both, which share their rows; the second counts as another source."""
    return Panel(
        times=first.times,
        values=np.hstack([first.values, second.values]),
        entity=np.concatenate([first.entity, second.entity]),
        metric=np.concatenate([first.metric, second.metric + len(first.names)]),
        names=first.names + second.names,
        kinds=np.concatenate([first.kinds, second.kinds]),
        unit=np.concatenate([first.unit, second.unit]),
        source=np.concatenate([first.source, second.source + int(first.source.max(initial=-1)) + 1]),
    )


def panel(samples: Samples) -> Panel | None:
    """The samples on one grid; None where no value is a number that can be computed with.

    Series may have clocks of their own: the step is the median of theirs, and several samples within one step give
    their mean. Rows in which nothing was recorded are left out.
    """
    keep = (np.abs(samples.value) < BEYOND) & np.isfinite(samples.time)
    if not keep.any():
        return None
    series, column = _numbered(samples.entity[keep] * len(samples.names) + samples.metric[keep])
    times, row = _grid(samples.time[keep], column)
    shape = (len(times), len(series))
    flat = row * len(series) + column
    sums = np.bincount(flat, samples.value[keep], shape[0] * shape[1])
    counts = np.bincount(flat, minlength=shape[0] * shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (sums / counts).reshape(shape)
    entity, metric = np.divmod(series, len(samples.names))
    return _understood(times, values, entity, metric, samples)


def _numbered(keys: IntArray) -> tuple[IntArray, IntArray]:
    """The different keys, rising, and the place of each among them; keys are small, so none need be sorted."""
    present = np.bincount(keys) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[keys]


def _grid(time: FloatArray, column: IntArray) -> tuple[FloatArray, IntArray]:
    """Moments (n,) and the row of each sample. Samples that share their times exactly keep them."""
    moments, row = np.unique(time, return_inverse=True)
    samples_each = len(time) / (int(column.max()) + 1)
    if len(moments) <= 1.5 * samples_each:
        return moments, row
    order = np.lexsort((time, column))
    steps = np.diff(time[order])[np.diff(column[order]) == 0]
    step = max(float(np.median(steps[steps > 0])), LEAST_STEP) if (steps > 0).any() else 1.0
    series = int(column.max()) + 1
    while True:
        bins, row = np.unique(np.floor((time - moments[0]) / step), return_inverse=True)
        if len(bins) * series <= MOST_CELLS:
            return moments[0] + bins * step, row
        step *= 2


def _understood(times: FloatArray, values: FloatArray, entity: IntArray, metric: IntArray, samples: Samples) -> Panel:
    """Counters to rates, successes to failures, and the kinds."""
    declared = [samples.declared.get(name, "") for name in samples.names]
    kinds = np.array([kind_of(name, said) for name, said in zip(samples.names, declared, strict=True)], dtype=object)
    may = np.array([may_count_up(name, said) for name, said in zip(samples.names, declared, strict=True)], dtype=bool)
    told = np.array([each == "counter" for each in declared], dtype=bool)
    counters = told[metric] | (may[metric] & _rising(values))
    if counters.any():
        values[:, counters] = _rates(times, values[:, counters])
    kind = kinds[metric]
    unit = np.zeros(len(metric))
    for name in np.unique(metric):
        columns = metric == name
        if kinds[name] == Kind.SUCCESS:
            whole = 1.0 if np.nanmax(values[:, columns]) <= 1.0 + 1e-9 else 100.0
            values[:, columns] = whole - values[:, columns]
            kind[columns] = Kind.ERRORS
            unit[columns] = 0.01 * whole
        elif kinds[name] == Kind.ERRORS and not counters[columns].any() and _is_share(values[:, columns]):
            unit[columns] = 0.01
    return Panel(times, values, entity, metric, samples.names, kind, unit, np.zeros(len(metric), dtype=np.int64))


def _is_share(values: FloatArray) -> bool:
    """Are all values in 0..1 and some of them broken numbers?"""
    known = values[np.isfinite(values)]
    return bool(known.min() >= 0 and known.max() <= 1 and (known % 1 > 0).any())


def _rising(values: FloatArray) -> npt.NDArray[np.bool_]:
    """Which columns hardly ever fall, and rise somewhere. Gaps are no falls."""
    filled = _carried(values)
    steps = np.diff(filled, axis=0)
    with np.errstate(invalid="ignore"):
        known = np.sum(~np.isnan(steps), axis=0)
        return np.asarray((np.sum(steps >= 0, axis=0) >= RISES * known) & np.any(steps > 0, axis=0))


def _carried(values: FloatArray) -> FloatArray:
    """The last known value of each column in place of a gap."""
    last = np.where(~np.isnan(values), np.arange(len(values))[:, None], 0)
    np.maximum.accumulate(last, axis=0, out=last)
    return np.asarray(values[last, np.arange(values.shape[1])], dtype=float)


def _rates(times: FloatArray, values: FloatArray) -> FloatArray:
    """Increase a second between samples, at the later one. After a reset a counter begins at zero, as in Prometheus."""
    known = ~np.isnan(values)
    index = np.where(known, np.arange(len(values))[:, None], 0)
    before = np.zeros_like(index)
    before[1:] = np.maximum.accumulate(index, axis=0)[:-1]
    columns = np.arange(values.shape[1])
    earlier = values[before, columns]
    step = values - earlier
    step = np.where(step < 0, values, step)
    seconds = times[:, None] - times[before]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(seconds > 0, step / seconds, np.nan), dtype=float)
