"""All that was recorded to one ranking of the entities, with what speaks for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.rootcause.from_recordings.blame import metric_blame
from aiops.analysis.rootcause.from_recordings.derived import grid, of_lines, of_spans
from aiops.analysis.rootcause.from_recordings.explaining import Suspect, explain
from aiops.analysis.rootcause.from_recordings.hints import hints
from aiops.analysis.rootcause.from_recordings.lineblame import line_blame
from aiops.analysis.rootcause.from_recordings.panel import Panel, beside, panel
from aiops.analysis.rootcause.from_recordings.parts import Parts, fused
from aiops.analysis.rootcause.from_recordings.ranking import ordered
from aiops.analysis.rootcause.from_recordings.recording import Recording
from aiops.analysis.rootcause.from_recordings.spanblame import SpanBlame, span_blame
from aiops.analysis.rootcause.from_recordings.verdict import Verdict, judge
from aiops.analysis.rootcause.from_recordings.window import Window, find_window
from aiops.analysis.traces.columns import calls_between
from aiops.core.telemetry import FloatArray

TIED, LEADS, SUREST = 0.25, 1.1, 0.95
"""Confidence of a first entity that the second one equals, what a full lead adds, and the most there is."""

STRONG = 0.6
"""Hint that is a fault by itself, where there is no telemetry: a change alone is none."""

UNSURE = 0.35
"""Confidence in the first entity below which nothing is named."""


@dataclass(frozen=True, slots=True)
class Localization:
    """`suspects` are all entities, the most suspicious first. `onset` in unix seconds; `p` as in `Verdict`.

    `abstained`: something is wrong, and nothing tells where. `missing` says what could not be seen.
    """

    fault: bool
    abstained: bool
    onset: float | None
    p: float | None
    suspects: tuple[Suspect, ...]
    missing: tuple[str, ...]


def localize(recording: Recording) -> Localization:
    """Where the trouble of a recording began. Works with any part missing."""
    count = len(recording.entities)
    calls = _calls(recording)
    seen = _panel(recording)
    targets = recording.targets or (_entries(calls) if seen is not None else ())
    window = find_window(seen, recording.onset, recording.baseline_end, targets) if seen is not None else None
    since, before = _moments(recording, seen, window)
    parts = Parts(hints=hints(recording, since) if since is not None else [])
    verdict = Verdict(any(hint.strength >= STRONG for hint in parts.hints), None)
    if seen is not None and window is not None:
        parts.metrics = metric_blame(seen, window, targets, calls, count)
        verdict = judge(seen, window, _known(seen, recording, window), targets, calls)
        parts.felt = verdict.fault
    if since is not None and before is not None:
        parts.spans = _of_spans(recording, since, before)
        parts.lines = line_blame(recording.lines, since, before, count) if recording.lines is not None else None
    score = fused(parts, count)
    order = ordered(score, _traits(parts, seen, count), calls)
    confidence = _confidence(score)
    return Localization(
        fault=verdict.fault,
        abstained=verdict.fault and confidence < UNSURE,
        onset=since,
        p=verdict.p,
        suspects=tuple(explain(e, score, confidence, parts, seen) for e in order),
        missing=tuple(recording.missing()) + recording.notes,
    )


def _of_spans(recording: Recording, since: float, before: float) -> SpanBlame | None:
    spans = recording.spans
    return span_blame(spans, since, before, recording.workload_of()) if spans is not None and len(spans.start) else None


def _traits(parts: Parts, seen: Panel | None, count: int) -> FloatArray:
    """What else tells entities apart whose scores are equal: (m, 4). All departures, how much was recorded, its sum."""
    traits = np.zeros((count, 4))
    if seen is not None and parts.metrics is not None:
        departures = parts.metrics.departures
        traits[:, 0] = -parts.metrics.raw
        for place, amount in enumerate((np.abs(departures.z), np.sum(~np.isnan(seen.values), axis=0)), 1):
            traits[:, place] = -np.bincount(seen.entity, amount, count)
        traits[:, 3] = -np.bincount(seen.entity, np.nan_to_num(departures.usual), count)
    return traits


def _confidence(score: FloatArray) -> float:
    """How sure the first entity is, by its lead over the second: a line through what was right how often."""
    best = np.sort(score)[::-1]
    if not len(best) or best[0] <= 0:
        return 0.0
    lead = 1.0 - float(best[1] / best[0]) if len(best) > 1 else 1.0
    return min(SUREST, TIED + LEADS * lead)


def _panel(recording: Recording) -> Panel | None:
    """Recorded metrics, and what spans or lines give as metrics beside them or in their place."""
    seen = panel(recording.samples) if recording.samples is not None else None
    times = seen.times if seen is not None else grid(recording)
    if len(times) == 0:
        return None
    if recording.spans is not None and len(recording.spans.start):
        made = of_spans(recording.spans, times)
        return made if seen is None else beside(seen, made)
    if seen is None and recording.lines is not None:
        return of_lines(recording.lines, times)
    return seen


def _calls(recording: Recording) -> tuple[tuple[int, int], ...]:
    """The given calls and those that spans show."""
    spans = recording.spans
    shown = calls_between(spans.entity, spans.parent) if spans is not None else []
    return tuple(sorted({*recording.calls, *shown}))


def _entries(calls: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    """Who calls and is not called: users meet these."""
    called = {callee for _, callee in calls}
    return tuple(sorted({caller for caller, _ in calls if caller not in called}))


def _known(seen: Panel, recording: Recording, window: Window) -> np.ndarray:
    if recording.baseline_end is not None:
        return seen.times < recording.baseline_end
    return ~window.judged


def _moments(recording: Recording, seen: Panel | None, window: Window | None) -> tuple[float | None, float | None]:
    """(start of the trouble, end of what is normal) in unix seconds."""
    since = recording.onset
    if window is not None and seen is not None:
        shown = seen.times[window.weights > 0]
        since = window.start if window.start is not None else float(shown[0]) if len(shown) else since
    before = recording.baseline_end if recording.baseline_end is not None else since
    return since, before if before is None or since is None else min(before, since)
