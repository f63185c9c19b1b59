"""Metrics that spans and log lines give: how often, how slowly and how badly each entity answered, and what it wrote.

They stand beside recorded metrics, or in their place where there are none.
"""

from __future__ import annotations

import numpy as np

from aiops.analysis.rootcause.from_recordings.kinds import Kind
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.recording import IntArray, Lines, Recording, Spans
from aiops.analysis.traces.columns import is_call
from aiops.core.telemetry import FloatArray

SPAN_NAMES = ("span duration mean", "span errors", "span requests")
LINE_NAMES = ("log lines",)
ROWS = 80
LEAST_STEP = 5.0
"""Where no metrics give a grid: rows of a recording, and the least seconds between two."""

FEW = 3
"""Spans in a row from which a share of errors and a mean duration say something."""


def grid(recording: Recording) -> FloatArray:
    """Moments for a recording without metrics, rising; empty where it has neither spans nor log lines."""
    times = [recording.spans.start] if recording.spans is not None else []
    times += [recording.lines.time] if recording.lines is not None else []
    moments = np.concatenate(times) if times else np.empty(0)
    if not len(moments):
        return np.empty(0)
    first, last = float(moments.min()), float(moments.max())
    return np.arange(first, last + 1e-6, max((last - first) / ROWS, LEAST_STEP))


def of_spans(spans: Spans, times: FloatArray) -> Panel:
    """Mean duration (s), share of errors and number of spans of each entity at each of `times` (n,).

    Spans of the calling side are left out: they tell of somebody else.
    """
    served = ~is_call(spans.entity, spans.parent)
    entities, column = np.unique(spans.entity[served], return_inverse=True)
    row = _rows(spans.start[served], times)
    shape = (len(times), len(entities))
    flat = row * shape[1] + column
    count = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    seconds = np.bincount(flat, spans.duration[served], shape[0] * shape[1]).reshape(shape)
    errors = np.bincount(flat, spans.error[served], shape[0] * shape[1]).reshape(shape)
    enough = count >= FEW
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [np.where(enough, seconds / count, np.nan), np.where(enough, errors / count, np.nan), count]
    kinds = (Kind.LATENCY, Kind.ERRORS, Kind.TRAFFIC)
    return _panel(times, parts, entities, SPAN_NAMES, kinds, (0.0, 0.01, 0.0))


def of_lines(lines: Lines, times: FloatArray) -> Panel:
    """Number of log lines of each entity at each of `times` (n,)."""
    entities, column = np.unique(lines.entity, return_inverse=True)
    shape = (len(times), len(entities))
    flat = _rows(lines.time, times) * shape[1] + column
    count = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    return _panel(times, [count], entities, LINE_NAMES, (Kind.RESOURCE,), (0.0,))


def _rows(moments: FloatArray, times: FloatArray) -> IntArray:
    return np.asarray(np.clip(np.searchsorted(times, moments, side="right") - 1, 0, len(times) - 1), dtype=np.int64)


def _panel(
    times: FloatArray,
    parts: list[FloatArray],
    entities: IntArray,
    names: tuple[str, ...],
    kinds: tuple[Kind, ...],
    units: tuple[float, ...],
) -> Panel:
    each = len(entities)
    return Panel(
        times=times,
        values=np.hstack(parts),
        entity=np.tile(entities, len(parts)),
        metric=np.repeat(np.arange(len(parts)), each),
        names=names,
        kinds=np.repeat(np.array(kinds, dtype=object), each),
        unit=np.repeat(np.array(units), each),
        source=np.zeros(each * len(parts), dtype=np.int64),
    )
