"""Plots as SVG texts. Widths are in pixels of a page 760 wide; colours come from the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
LEFT = 150
ROW = 24
SCALE = WIDTH - LEFT - 90
PLOT, LINE, LETTER = 90, 14, 7
"""The height of a timeline's plot, of a line of labels, and about the width of a letter."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`value`, `low` and `high` from 0 to 1; None without an interval."""

    label: str
    value: float
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a timeline, in seconds from the onset. `act`: a change that the agent made."""

    at: float
    label: str
    act: bool = False


def bars(title: str, rows: Sequence[Bar], *, harm: bool = False) -> str:
    """Horizontal bars with their intervals."""
    parts = [_text(0, 14, title)]
    for number, row in enumerate(rows):
        y, wide = 26 + number * ROW, row.value * SCALE
        parts += [
            _text(LEFT - 8, y + 14, row.label, end=True),
            f'<rect class="{"bad" if harm else "bar"}" x="{LEFT}" y="{y + 3}" width="{wide:.1f}" height="14"/>',
            _text(WIDTH - 80, y + 14, f"{row.value:.0%} of {row.count}", soft=True),
        ]
        if row.low is not None and row.high is not None:
            left, right = LEFT + row.low * SCALE, LEFT + row.high * SCALE
            ends = f"M{left:.1f} {y + 6}v8M{right:.1f} {y + 6}v8"
            parts.append(f'<path class="whisker" d="{ends}M{left:.1f} {y + 10}H{right:.1f}"/>')
    return _drawing(title, 30 + len(rows) * ROW, parts)


def dots(title: str, rows: Sequence[tuple[str, Sequence[float]]], unit: str) -> str:
    """A row of dots for each label, from 0 to the largest value."""
    most = max((value for _, values in rows for value in values), default=0.0) or 1.0
    parts = [_text(0, 14, title), _text(LEFT, 14, f"0 to {most:,.0f} {unit}", soft=True)]
    for number, (label, values) in enumerate(rows):
        y = 36 + number * ROW
        parts += [_text(LEFT - 8, y + 4, label, end=True), f'<path class="grid" d="M{LEFT} {y}h{SCALE}"/>']
        parts += [f'<circle class="dot" cx="{LEFT + value / most * SCALE:.1f}" cy="{y}" r="5"/>' for value in values]
    return _drawing(title, 40 + len(rows) * ROW, parts)


def timeline(minutes: Sequence[float], marks: Sequence[Mark]) -> str:
    """The share of good answers by minute from the onset, and what happened when."""
    span = max([len(minutes) * 60.0, *(mark.at for mark in marks), 60.0])
    wide = WIDTH - 60
    placed = _placed([(50 + max(mark.at, 0.0) / span * wide, mark) for mark in sorted(marks, key=lambda one: one.at)])
    top = 8 + LINE * max([1, *(row + 1 for _, row, _ in placed)])
    points = " ".join(
        f"{50 + (number + 0.5) * 60 / span * wide:.1f},{top + (1 - value) * PLOT:.1f}"
        for number, value in enumerate(minutes)
    )
    parts = [
        _text(0, top + 5, "100 %", soft=True),
        _text(0, top + PLOT, "0 %", soft=True),
        f'<path class="grid" d="M50 {top}h{wide}M50 {top + PLOT}h{wide}"/>',
        f'<polyline class="curve" points="{points}"/>',
        _text(50, top + PLOT + 16, "onset", soft=True),
        _text(WIDTH - 10, top + PLOT + 16, f"{span:,.0f} s", soft=True, end=True),
    ]
    for x, row, mark in placed:
        y = 12 + LINE * row
        parts.append(f'<path class="{"act" if mark.act else "mark"}" d="M{x:.1f} {y + 3}V{top + PLOT}"/>')
        parts.append(_text(x, y, mark.label, end=_ends(x, mark)))
    return _drawing("share of good answers from the onset on", top + PLOT + 22, parts)


def _placed(marks: Sequence[tuple[float, Mark]]) -> list[tuple[float, int, Mark]]:
    """Each mark with the first line of labels in which its own has room."""
    ends: list[float] = []
    found = []
    for x, mark in marks:
        wide = len(mark.label) * LETTER
        left = x - wide if _ends(x, mark) else x
        row = next((number for number, end in enumerate(ends) if end < left), len(ends))
        ends[row : row + 1] = [left + wide]
        found.append((x, row, mark))
    return found


def _ends(x: float, mark: Mark) -> bool:
    """Whether a label ends at its mark, for want of room behind it."""
    return x + len(mark.label) * LETTER > WIDTH


def _text(x: float, y: float, text: str, *, soft: bool = False, end: bool = False) -> str:
    kind = ' class="soft"' if soft else ""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}{anchor}>{escape(text)}</text>'


def _drawing(title: str, height: float, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}"'
    return f'<svg role="img" aria-label="{escape(title)}" {size}>{"".join(parts)}</svg>'
