"""A chart as SVG text: lines, the incident shaded, its onset marked. Colours come from the document's style."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from aiops.core.clock import rfc3339
from aiops.core.text import visible
from aiops.supervisor.postmortem.facts import Chart
from aiops.supervisor.postmortem.wording import amount

WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TOP, BOTTOM = 62, 10, 10, 22
MOST_LINES = 6
TICKS = 4
GAP = 3.0
"""Usual distances between points from which a line is broken."""


def drawing(chart: Chart, began: float, ended: float) -> str:
    """One chart; empty where no line has a value."""
    lines = [line for line in chart.lines if line.points][:MOST_LINES]
    if not lines:
        return ""
    times = [at for line in lines for at, _ in line.points]
    values = [value for line in lines for _, value in line.points]
    start, end, high = min(times), max(max(times), min(times) + 1), max(*values, 0.0) or 1.0
    low = min(*values, 0.0)
    high += 0.05 * (high - low)

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max((at - start) / (end - start), 0.0), 1.0)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    parts = [f'<rect class="during" x="{x(began):.1f}" y="{TOP}" width="{max(x(ended) - x(began), 1):.1f}" '
             f'height="{HEIGHT - TOP - BOTTOM}"/>']  # fmt: skip
    for number in range(3):
        value = low + (high - low) * number / 2
        parts.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}"/>')
        shown = escape(amount(value, chart.unit))
        parts.append(f'<text class="y" x="{LEFT - 6}" y="{y(value) + 4:.1f}">{shown}</text>')
    for number in range(TICKS + 1):
        at = start + (end - start) * number / TICKS
        anchor = "start" if number == 0 else "end" if number == TICKS else "middle"
        parts.append(f'<text class="x" text-anchor="{anchor}" x="{x(at):.1f}" y="{HEIGHT - 6}">{_clock(at)}</text>')
    for index, line in enumerate(lines):
        points = [(x(at), y(value), at) for at, value in line.points]
        parts.append(f'<path class="line s{index + 1}" d="{_path(points)}"/>')
    if start <= began <= end:
        parts.append(f'<path class="onset" d="M{x(began):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    spoken = escape(visible(f"{chart.title}: between {amount(min(values), chart.unit)} and "
                            f"{amount(max(values), chart.unit)}"), quote=True)  # fmt: skip
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{spoken}">{"".join(parts)}</svg>'


def _path(points: Sequence[tuple[float, float, float]]) -> str:
    """SVG path data; broken where points are missing."""
    steps = sorted(later[2] - earlier[2] for earlier, later in pairwise(points))
    usual = steps[len(steps) // 2] if steps else 0.0
    parts, last = [], float("-inf")
    for left, top, at in points:
        parts.append(f"{'M' if at - last > GAP * usual else 'L'}{left:.1f} {top:.1f}")
        last = at
    return "".join(parts)


def _clock(at: float) -> str:
    return rfc3339(at)[11:16]
