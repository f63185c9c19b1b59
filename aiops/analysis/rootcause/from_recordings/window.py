"""When trouble began, and in which rows it showed.

An onset that people or alerts name may be late by minutes, and some telemetry of the trouble then stands before it.
So the start is the change point of a course: what users complain of where that is known and seen, else everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.analysis.anomaly.onset import CLIP, find_onset
from aiops.analysis.rootcause.from_recordings.kinds import Kind
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.standard import Standard, standard
from aiops.core.telemetry import FloatArray

Rows = npt.NDArray[np.bool_]

LATE = 600.0
"""Seconds by which a named onset may be late."""

NORMAL_SHARE = 1 / 3
"""Of a recording of which nobody tells when the trouble began, this first part is taken for normal."""

PEAK_SHARE = 0.1
"""The worst tenth of the rows is the height of a course: no single row decides."""

SHOWN = 0.5
"""Rows that reach this part of the height show the trouble."""

FELT = 1.0
"""Deviations from which a symptom of the target is worth following: that users complain is told already."""

RECENT_ROWS = 10
"""Rows just before the start, from which what went before is told."""


@dataclass(frozen=True, slots=True)
class Window:
    """`normal`, `recent` and `judged` are rows (n,): known to be normal, just before the start, and since the start.

    `weights` (n,) sum to 1 over the judged rows in which the trouble shows. `course` (n,) is what was followed, in
    deviations; `kind` is set where that is a symptom of the target. `start` is None where no course changes.
    """

    normal: Rows
    recent: Rows
    judged: Rows
    weights: FloatArray
    course: FloatArray
    kind: Kind | None
    start: float | None
    normals: Standard


def find_window(panel: Panel, onset: float | None, baseline_end: float | None, targets: tuple[int, ...] = ()) -> Window:
    """The rows of a panel in which to look for a cause. `targets` are the entities that users complain about."""
    known = _known_normal(panel.times, onset, baseline_end)
    block = max(1, int(np.sum(~known)))
    normals = standard(panel, known, block)
    course, kind = _course(panel, normals, ~known, targets)
    found = find_onset(panel.times, course, float(panel.times[known][-1]) + 1e-6) if known.any() else None
    start = found.at if found is not None and found.shift > 0 else None
    if onset is not None and (start is None or abs(start - onset) > LATE):
        start = onset
    if start is not None and baseline_end is not None and start < baseline_end:
        start = None
    judged = panel.times >= start if start is not None else ~known
    if not judged.any():
        judged = ~known
    normal = known if baseline_end is not None else ~judged
    if baseline_end is None and start is not None:
        normals = standard(panel, normal, int(np.sum(judged)))
        course, kind = _course(panel, normals, judged, targets)
    weights = _weights(course, judged)
    return Window(normal, _recent(weights, known), judged, weights, course, kind, start, normals)


def height(course: FloatArray) -> float:
    """How high a course (n,) gets: the mean of its worst tenth, of two rows at least."""
    worst = max(2, int(PEAK_SHARE * len(course)))
    return float(np.mean(np.sort(course)[-worst:])) if len(course) else 0.0


def _known_normal(times: FloatArray, onset: float | None, baseline_end: float | None) -> Rows:
    """Rows of which somebody says, or which are early enough, that they are normal."""
    if baseline_end is not None:
        return times < baseline_end
    if onset is not None:
        return times < onset - min(LATE, (onset - float(times[0])) / 4)
    return times < float(times[0]) + NORMAL_SHARE * float(times[-1] - times[0])


def _course(panel: Panel, normals: Standard, judged: Rows, targets: tuple[int, ...]) -> tuple[FloatArray, Kind | None]:
    """What users of the target feel, where that departs from normal; else the mean of all that was measured."""
    z = normals.deviations(panel.values, panel.kinds)
    best, kind = np.zeros(len(z)), None
    for each in (Kind.LATENCY, Kind.ERRORS):
        columns = panel.of_kind(each) & panel.additive & np.isin(panel.entity, targets)
        if columns.any():
            course = np.max(z[:, columns], axis=1)
            if height(course[judged]) > max(height(best[judged]), FELT):
                best, kind = course, each
    if kind is not None:
        return best, kind
    return np.mean(np.minimum(np.abs(z), CLIP), axis=1) if z.shape[1] else best, None


def _weights(course: FloatArray, judged: Rows) -> FloatArray:
    """Rows count by how much of the trouble they show; all alike where it shows in none."""
    weights = np.where(judged, np.maximum(course, 0.0), 0.0)
    weights = np.where(weights >= SHOWN * height(course[judged]), weights, 0.0)
    weights = np.minimum(weights, height(course[judged]))
    total = float(weights.sum())
    return np.asarray(weights / total if total > 0 else judged / max(1, int(judged.sum())), dtype=float)


def _recent(weights: FloatArray, known: Rows) -> Rows:
    """The rows just before the trouble shows: those after the known normal ones, where there are any."""
    first = int(np.argmax(weights > 0))
    chosen = ~known
    chosen[first:] = False
    if not chosen.any():
        chosen = known.copy()
        chosen[first:] = False
    chosen[: max(0, first - RECENT_ROWS)] = False
    return chosen if chosen.any() else known
