"""Axes: round numbers to mark, and values as people write them."""

from __future__ import annotations

import math

from aiops.core.clock import rfc3339

SMALLEST = 1e-9
"""A range below this is taken for one value."""


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten apart) that cover `low`..`high`, `low` < `high`."""
    step = (high - low) / max(1, about)
    power = 10.0 ** math.floor(math.log10(step))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def bounds(values: list[float]) -> tuple[float, float]:
    """The range of an axis for these values: from zero where they do not go below it, never empty."""
    low, high = min([0.0, *values]), max([0.0, *values])
    return (low, high) if high - low > SMALLEST else (low, low + 1.0)


def minutes(start: float, end: float, about: int = 5) -> list[float]:
    """Moments on whole minutes (or hours) within the window."""
    span = max(end - start, 1.0)
    steps = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800)
    step = next((s for s in steps if span / s <= about), steps[-1])
    first = math.ceil(start / step)
    return [float(index * step) for index in range(first, math.floor(end / step) + 1)][: 4 * about]


def moment(at: float, span: float) -> str:
    """A moment's label: seconds only where the window is short."""
    return rfc3339(at)[11:19] if span < 300 else rfc3339(at)[11:16]


def value(number: float, unit: str) -> str:
    """A value with its unit: `45 %` for ratios, `1.2 s`, `340 ms`, `12 MiB`, `34k requests/s`."""
    if unit == "ratio":
        return f"{number * 100:.3g} %"
    if unit == "s":
        return f"{number * 1000:.3g} ms" if abs(number) < 1 else f"{number:.3g} s"
    if unit == "bytes":
        for factor, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
            if abs(number) >= factor:
                return f"{number / factor:.3g} {name}"
        return f"{number:.3g} B"
    return f"{_short(number)} {unit}".rstrip()


def _short(number: float) -> str:
    for factor, name in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(number) >= factor:
            return f"{number / (1e3 if name == 'k' else factor):.3g}{name}"
    return f"{number:.3g}"
