"""What is new, gone, or more or less frequent in the logs of one window against another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["new", "vanished", "more", "less"]

MIN_FACTOR = 2.0
"""A rate has to move by this factor: a Poisson test alone calls any drift of a busy template significant."""

MIN_Z = 4.0
"""Standard deviations of a Poisson count from which a rate change counts."""


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """One template whose rate moved. Rates in lines a second; `z` in standard deviations of the count."""

    template: str
    kind: Kind
    baseline_rate: float
    rate: float
    z: float


def compare(
    baseline: dict[str, int], baseline_seconds: float, window: dict[str, int], window_seconds: float
) -> list[TemplateChange]:
    """Templates (template -> number of lines) whose rate differs between two windows, most surprising first.

    The counts are compared as Poisson counts by their square roots (Anscombe's transform), which holds for small
    counts as well. Both lengths must be positive.
    """
    if baseline_seconds <= 0 or window_seconds <= 0:
        raise ValueError("both windows must have a positive length")
    changes = [
        change
        for template in sorted(baseline.keys() | window.keys())
        if (
            change := _change(
                template, baseline.get(template, 0), baseline_seconds, window.get(template, 0), window_seconds
            )
        )
    ]
    return sorted(changes, key=lambda c: (-abs(c.z), c.template))


def _change(
    template: str, before: int, before_seconds: float, after: int, after_seconds: float
) -> TemplateChange | None:
    old, new = before / before_seconds, after / after_seconds
    expected = old * after_seconds
    z = 2 * (math.sqrt(after + 3 / 8) - math.sqrt(expected + 3 / 8))
    z /= math.sqrt(1 + after_seconds / before_seconds)
    kind = _kind(before, after, old, new, z)
    return TemplateChange(template, kind, old, new, z) if kind else None


def _kind(before: int, after: int, old: float, new: float, z: float) -> Kind | None:
    if before == 0:
        return "new"
    if abs(z) < MIN_Z:
        return None
    if after == 0:
        return "vanished"
    if new >= old * MIN_FACTOR:
        return "more"
    return "less" if new * MIN_FACTOR <= old else None
