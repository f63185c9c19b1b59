"""Tables that put the figures of recordings and of labs side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from tests.lab.realism import figures
from tests.lab.realism.recordings import Columns, Trouble

Row = tuple[str, float]
"""What is measured, and the median of it."""

_HOUR = 12
"""Samples of five minutes."""

_FIGURES: tuple[tuple[str, Callable[[FloatArray], float]], ...] = (
    ("variation", figures.variation),
    ("change between two samples", figures.step),
    ("autocorrelation, 5 min", lambda values: figures.autocorrelation(values, 1)),
    ("autocorrelation, 1 h", lambda values: figures.autocorrelation(values, _HOUR)),
    ("excess kurtosis", figures.excess_kurtosis),
    ("tail index", figures.tail_index),
)


def normal_rows(columns: Columns) -> list[Row]:
    """Of services when nothing is wrong: each figure's median over them."""
    rows = [
        ("samples missing, share", float(np.mean([figures.missing(values) for values in columns.values()]))),
        ("columns that never change, share", float(np.mean([figures.is_constant(v) for v in columns.values()]))),
    ]
    counts = _of(columns, "requests")
    rows.append(("requests: dispersion", _median(figures.dispersion(values) for values in counts)))
    for measure in ("requests", "latency", "p99"):
        rows += [(f"{measure}: {name}", value) for name, value in series_rows(_of(columns, measure))]
    failed = [1.0 - values for values in _of(columns, "availability")]
    there = [values[~np.isnan(values)] for values in failed]
    rows.append(("services without any failure, share", float(np.mean([not (v > 1e-9).any() for v in there]))))
    some = [values for values in there if (values > 1e-9).any()]
    rows.append(("errors of the others: samples without, share", _median(float((v <= 1e-9).mean()) for v in some)))
    rows.append(("errors of the others: variation", _median(figures.variation(values) for values in some)))
    return rows


def series_rows(series: Sequence[FloatArray]) -> list[Row]:
    """Of series (n,) that change: each figure's median over them."""
    changing = [values for values in series if not figures.is_constant(values)]
    return [(name, _median(figure(values) for values in changing)) for name, figure in _FIGURES]


def trouble_rows(troubles: Iterable[Trouble]) -> list[Row]:
    """Of what happens when something is broken: medians over the troubles."""
    columns: list[float] = []
    services: list[float] = []
    first: list[float] = []
    far: list[float] = []
    larger: list[float] = []
    for trouble in troubles:
        both = [key for key in trouble.faulty if key in trouble.normal]
        moved = [key for key in both if figures.moved(trouble.faulty[key], trouble.normal[key])]
        columns.append(len(moved) / len(both))
        services.append(len({service for service, _ in moved}) / len({service for service, _ in both}))
        starts = [figures.first_moved(trouble.faulty[key], trouble.normal[key]) for key in moved]
        first.append(float(np.min(starts)) if starts else np.nan)
        slower = [(trouble.faulty[key], trouble.normal[key]) for key in moved if key[1] == "latency"]
        distances = [figures.robust_z(*pair) for pair in slower]
        far.append(max((float(np.nanmax(np.abs(each))) for each in distances), default=np.nan))
        larger.append(max((figures.times(*pair) for pair in slower), default=np.nan))
    return [
        ("troubles", float(len(columns))),
        ("columns that move, share", _median(columns)),
        ("columns that move, share, least tenth", float(np.quantile(columns, 0.1))),
        ("columns that move, share, greatest tenth", float(np.quantile(columns, 0.9))),
        ("services of which something moves, share", _median(services)),
        ("samples until the first column moves", _median(first)),
        ("largest distance of a latency, robust deviations", _median(far)),
        ("largest change of a latency, times the normal", _median(larger)),
        ("troubles in which nothing moves, share", float(np.mean([value == 0 for value in columns]))),
    ]


def table(title: str, parties: dict[str, list[Row]]) -> str:
    """Markdown: a line for each figure, a column for each party."""
    names = [name for name, _ in next(iter(parties.values()))]
    lines = [f"| {title} | {' | '.join(parties)} |", f"|---|{'--:|' * len(parties)}"]
    for place, name in enumerate(names):
        cells = [_cell(rows[place][1]) for rows in parties.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of(columns: Columns, measure: str) -> list[FloatArray]:
    """The series of a measure with enough samples to say anything of them."""
    found = [values for (_, kind), values in sorted(columns.items()) if kind == measure]
    return [values for values in found if (~np.isnan(values)).sum() > _HOUR]


def _median(values: Iterable[float]) -> float:
    there = [value for value in values if not np.isnan(value)]
    return float(np.median(there)) if there else np.nan


def _cell(value: float) -> str:
    if np.isnan(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2g}" if abs(value) < 10 else f"{value:.1f}"
