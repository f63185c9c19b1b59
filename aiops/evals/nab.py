"""Anomalies of metrics against the labelled series of the Numenta Anomaly Benchmark (Lavin and Ahmad, ICMLA 2015)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aiops.analysis.anomaly.committee import METHODS, committee, single
from aiops.analysis.anomaly.deviation import spread
from aiops.analysis.anomaly.intervals import intervals
from aiops.analysis.anomaly.recycling import Opinions, opinions
from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.evals.registry import Report, evaluation
from aiops.evals.timeseries import read_table
from aiops.evals.vus import Labels, ranges, vus_pr

WINDOWS = Path("labels/combined_windows.json")
BUFFER = 100

PERIODS, PERIOD_WINDOWS = 8, 5
"""Of the comparison of recycled models: parts of a series, and windows in each of them."""

PUBLISHED: dict[str, dict[str, Any]] = {
    "published": {"vus_pr": 0.52},
    "published_poly": {"vus_pr": 0.47},
    "published_sub_pca": {"vus_pr": 0.38},
}
"""Of TSB-AD (Liu and Paparrizos, NeurIPS 2024): MOMENT-FT, a foundation model, first; Sub-PCA over six sets."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series and its labels, both (n,)."""

    name: str
    values: FloatArray
    labels: Labels


@evaluation("https://github.com/numenta/NAB", files=("data/**/*.csv", str(WINDOWS)))
def nab(folder: Path) -> Report:
    """Metric anomalies: VUS-PR of the scores of 52 labelled series, no label being seen by what scores them."""
    every = read(folder)
    labelled = [series for series in every if series.labels.any()]
    found = [committee(series.values) for series in every]
    by_method = {name: _vus(labelled, [single(s.values, name) for s in labelled]) for name in METHODS}
    ours = _vus(labelled, [scores for series, scores in zip(every, found, strict=True) if series.labels.any()])
    means = {name: float(np.mean(values)) for name, values in by_method.items()}
    best = max(means, key=lambda name: means[name])
    draw = np.random.default_rng(0)
    return Report(
        ours={"vus_pr": float(np.mean(ours)), "series": len(labelled), **_interval_figures(every, found)},
        beside={
            **PUBLISHED,
            "best_single": {"vus_pr": means[best], "method": best},
            "oracle_single": {"vus_pr": float(np.mean(np.max(list(by_method.values()), axis=0)))},
            "naive": {"vus_pr": float(np.mean(_vus(labelled, [_distance(s.values) for s in labelled])))},
            "random": {"vus_pr": float(np.mean(_vus(labelled, [draw.random(len(s.values)) for s in labelled])))},
        },
        detail={
            "vus_pr_by_method": means,
            "vus_pr_by_period": _by_period(labelled),
            "by_series": {series.name: value for series, value in zip(labelled, ours, strict=True)},
        },
    )


def read(folder: Path) -> list[Labelled]:
    """All series of a folder, with the windows of anomalies as labels. Raises `InvalidInputError`."""
    path = folder / WINDOWS
    try:
        windows: dict[str, list[list[str]]] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidInputError(f"{path} is no JSON: {error}") from error
    return [_labelled(folder / "data" / name, name, windows[name]) for name in sorted(windows)]


def _labelled(path: Path, name: str, windows: Sequence[Sequence[str]]) -> Labelled:
    table = read_table(path)
    labels = np.zeros(len(table.times), dtype=bool)
    for start, end in windows:
        labels |= (table.times >= from_rfc3339(start)) & (table.times <= from_rfc3339(end))
    return Labelled(name, table.values[:, 0], labels)


def _vus(every: Sequence[Labelled], scores: Sequence[FloatArray]) -> list[float]:
    return [vus_pr(series.labels, found, BUFFER) for series, found in zip(every, scores, strict=True)]


def _distance(values: FloatArray) -> FloatArray:
    """The naive score: how far each sample is from the median."""
    median, scale = spread(values)
    return np.asarray(np.abs(values - median) / scale)


def _interval_figures(every: Sequence[Labelled], scores: Sequence[FloatArray]) -> dict[str, float]:
    """What `detect` calls anomalies: share of labelled windows that an interval meets, share of intervals that meet
    one, and intervals a series without any label."""
    met = windows = right = told = false = normal = 0
    for series, found in zip(every, scores, strict=True):
        stretches = intervals(found)
        if not series.labels.any():
            normal, false = normal + 1, false + len(stretches)
            continue
        called = np.zeros(len(found), dtype=bool)
        for stretch in stretches:
            called[stretch.first : stretch.last + 1] = True
            right += bool(series.labels[stretch.first : stretch.last + 1].any())
        told += len(stretches)
        labelled = ranges(series.labels)
        windows += len(labelled)
        met += sum(bool(called[first:end].any()) for first, end in labelled)
    return {
        "windows_met": met / max(windows, 1),
        "intervals_right": right / max(told, 1),
        "intervals_a_normal_series": false / max(normal, 1),
    }


def _by_period(every: Sequence[Labelled]) -> dict[str, float]:
    """VUS-PR where each part of a series is scored by models of the parts before it: by the newest, by those that fit
    the most recent part best, and by the one that the labels choose."""
    chosen: dict[str, Callable[[Opinions, Labels], FloatArray]] = {
        "newest": lambda period, _: period.newest(),
        "recycled": lambda period, _: period.recycled(),
        "oracle": _oracle,
    }
    figures = {}
    for name, choose in chosen.items():
        scores = []
        for series in every:
            found = np.zeros(len(series.values))
            for period in opinions(series.values, PERIODS, len(found) // PERIODS // PERIOD_WINDOWS):
                found[period.first : period.end] = choose(period, series.labels[period.first : period.end])
            scores.append(found)
        figures[name] = float(np.mean(_vus(every, scores)))
    return figures


def _oracle(period: Opinions, labels: Labels) -> FloatArray:
    """The scores of the model that tells labelled samples from others best; where all are alike, of the one that says
    so most clearly."""
    if labels.all() or not labels.any():
        means = period.scores.mean(axis=1)
        return np.asarray(period.scores[int(means.argmax() if labels.all() else means.argmin())])
    ranks = period.scores.argsort(axis=1).argsort(axis=1)
    return np.asarray(period.scores[int(ranks[:, labels].mean(axis=1).argmax())])
