"""Functions of Prometheus 2.42 for one series and one window, written sample by sample as its documentation says."""

from __future__ import annotations

import math
from itertools import pairwise

Point = tuple[float, float]
"""(seconds, value)."""


def in_window(points: list[Point], start: float, end: float) -> list[Point]:
    return [point for point in points if start <= point[0] <= end]


def extrapolated(points: list[Point], start: float, end: float, *, counter: bool, per_second: bool) -> float | None:
    inside = in_window(points, start, end)
    if len(inside) < 2:
        return None
    change = inside[-1][1] - inside[0][1]
    if counter:
        for (_, before), (_, after) in pairwise(inside):
            if after < before:
                change += before
    sampled = inside[-1][0] - inside[0][0]
    mean_interval = sampled / (len(inside) - 1)
    to_start, to_end = inside[0][0] - start, end - inside[-1][0]
    if counter and change > 0 and inside[0][1] >= 0:
        to_start = min(to_start, sampled * (inside[0][1] / change))
    covered = sampled
    for gap in (to_start, to_end):
        covered += gap if gap < mean_interval * 1.1 else mean_interval / 2
    result = change * (covered / sampled)
    return result / (end - start) if per_second else result


def last_two(points: list[Point], start: float, end: float, *, counter: bool) -> float | None:
    inside = in_window(points, start, end)
    if len(inside) < 2:
        return None
    (t0, before), (t1, after) = inside[-2:]
    if not counter:
        return after - before
    return (after if after < before else after - before) / (t1 - t0)


def quantile(q: float, values: list[float]) -> float:
    if q < 0:
        return -math.inf
    if q > 1:
        return math.inf
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (rank - low)) + ordered[high] * (rank - low)


def slope_and_level(points: list[Point], at: float) -> tuple[float, float]:
    """Least squares: slope a second, and the line's value at the moment `at`."""
    n = len(points)
    x = [t - at for t, _ in points]
    y = [v for _, v in points]
    mean_x, mean_y = sum(x) / n, sum(y) / n
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum((a - mean_x) ** 2 for a in x)
    return slope, mean_y - slope * mean_x


def over_time(name: str, values: list[float]) -> float:
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    pairs = list(pairwise(values))
    return {
        "avg": mean,
        "min": min(values),
        "max": max(values),
        "sum": sum(values),
        "count": float(len(values)),
        "last": values[-1],
        "present": 1.0,
        "stdvar": variance,
        "stddev": math.sqrt(variance),
        "changes": float(sum(a != b for a, b in pairs)),
        "resets": float(sum(b < a for a, b in pairs)),
    }[name]
