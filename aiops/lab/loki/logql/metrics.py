"""Evaluates metric queries over a grid of steps: samples to series of arrays, then arithmetic on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.loki.logql.arithmetic import combined
from aiops.lab.loki.logql.ast import (
    Binary,
    Grouping,
    LabelReplace,
    Metric,
    Number,
    RangeAggregation,
    Vector,
    VectorAggregation,
)
from aiops.lab.loki.logql.patterns import compiled, expanded
from aiops.lab.loki.logql.tracks import BoolArray, Labels, Track, grouped, tracks_of
from aiops.lab.loki.logql.windows import RANGE_FUNCTIONS, Window

Samples = dict[Labels, tuple[FloatArray, FloatArray]]
"""Series of single values: (unix seconds rising, values)."""

Read = Callable[[RangeAggregation], Samples]
"""The samples that a range aggregation looks at, at all steps together."""


def evaluate(query: Metric, steps: FloatArray, read: Read) -> list[Track] | float:
    """The series of a query at the steps (unix seconds); a number for what is the same everywhere. Raises
    `ParseError`, `PipelineError`."""
    match query:
        case Number():
            return query.value
        case Vector():
            return [Track((), np.full(len(steps), query.value), np.ones(len(steps), dtype=bool))]
        case RangeAggregation():
            return _over_time(query, steps, read(query))
        case VectorAggregation():
            return _aggregated(query, tracks_of(evaluate(query.inner, steps, read), steps))
        case LabelReplace():
            return _replaced(query, tracks_of(evaluate(query.inner, steps, read), steps))
        case Binary():
            return combined(query, evaluate(query.left, steps, read), evaluate(query.right, steps, read), steps)


def _over_time(query: RangeAggregation, steps: FloatArray, samples: Samples) -> list[Track]:
    if query.grouping is not None:
        samples = _merged(samples, query.grouping)
    ends = steps - query.offset
    if query.function == "absent_over_time":
        return _absent(query, ends, samples)
    made = []
    for labels in sorted(samples):
        times, values = samples[labels]
        first = np.searchsorted(times, ends - query.seconds, side="right")
        last = np.searchsorted(times, ends, side="right")
        there = last > first
        if there.any():
            window = Window(times, values, first, last, query.seconds, query.parameter)
            made.append(Track(labels, RANGE_FUNCTIONS[_function(query)](window), there))
    return made


def _function(query: RangeAggregation) -> str:
    if query.function == "rate" and query.unwrap is not None:
        return "sum_rate"
    return "rate" if query.function == "bytes_rate" else query.function


def _merged(samples: Samples, grouping: Grouping) -> Samples:
    parts: dict[Labels, list[tuple[FloatArray, FloatArray]]] = {}
    for labels, pair in samples.items():
        parts.setdefault(grouped(labels, grouping), []).append(pair)
    merged = {}
    for labels, pairs in parts.items():
        times = np.concatenate([times for times, _ in pairs])
        order = np.argsort(times, kind="stable")
        merged[labels] = times[order], np.concatenate([values for _, values in pairs])[order]
    return merged


def _absent(query: RangeAggregation, ends: FloatArray, samples: Samples) -> list[Track]:
    times = np.sort(np.concatenate([np.zeros(0), *(times for times, _ in samples.values())]))
    first = np.searchsorted(times, ends - query.seconds, side="right")
    absent = np.searchsorted(times, ends, side="right") == first
    equal = tuple(sorted((m.name, m.value) for m in query.query.matchers if m.operator == "="))
    return [Track(equal, np.ones(len(ends)), absent)] if absent.any() else []


def _aggregated(query: VectorAggregation, tracks: list[Track]) -> list[Track]:
    if query.function in ("sort", "sort_desc"):
        last = [track.values[track.there][-1] if track.there.any() else -np.inf for track in tracks]
        order = np.argsort(np.array(last), kind="stable")
        return [tracks[i] for i in (order if query.function == "sort" else order[::-1]).tolist()]
    groups: dict[Labels, list[Track]] = {}
    for track in tracks:
        groups.setdefault(grouped(track.labels, query.grouping), []).append(track)
    made = []
    for labels in sorted(groups):
        values = np.array([track.values for track in groups[labels]])
        there = np.array([track.there for track in groups[labels]])
        if query.parameter is not None:
            kept = _best(values, there, query.parameter, largest=query.function == "topk")
            made += [
                Track(track.labels, track.values, kept[row, :])
                for row, track in enumerate(groups[labels])
                if kept[row, :].any()
            ]
        else:
            somewhere = np.asarray(there.any(axis=0), dtype=bool)
            made.append(Track(labels, _put_together(query.function, values, there), somewhere))
    return made


def _best(values: FloatArray, there: BoolArray, count: int, *, largest: bool) -> BoolArray:
    """Which of the series (n, steps) are among the best at each step."""
    key = np.where(there, values if largest else -values, -np.inf)
    rank = np.argsort(np.argsort(-key, axis=0, kind="stable"), axis=0, kind="stable")
    kept: BoolArray = (rank < count) & there
    return kept


def _put_together(function: str, values: FloatArray, there: BoolArray) -> FloatArray:
    count = np.maximum(there.sum(axis=0), 1).astype(np.float64)
    inside: FloatArray = np.where(there, values, 0.0)
    made: FloatArray
    match function:
        case "sum":
            made = inside.sum(axis=0)
        case "avg":
            made = inside.sum(axis=0) / count
        case "min":
            made = np.where(there, values, np.inf).min(axis=0)
        case "max":
            made = np.where(there, values, -np.inf).max(axis=0)
        case "count":
            made = there.sum(axis=0).astype(np.float64)
        case _:
            mean = inside.sum(axis=0) / count
            made = (np.where(there, values - mean, 0.0) ** 2).sum(axis=0) / count
            made = np.sqrt(made) if function == "stddev" else made
    return made


def _replaced(query: LabelReplace, tracks: list[Track]) -> list[Track]:
    pattern = compiled(query.pattern)
    made = []
    for track in tracks:
        labels = dict(track.labels)
        found = pattern.fullmatch(labels.get(query.source, ""))
        if found is not None:
            labels[query.target] = expanded(found, query.replacement)
            if not labels[query.target]:
                del labels[query.target]
        made.append(Track(tuple(sorted(labels.items())), track.values, track.there))
    return made
