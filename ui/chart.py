"""A chart of one evidence: lines over time, the baseline window shaded, the onset marked.

The drawing stretches with the page while its labels stay text of the page's size, so it reads the same on a phone.
"""

from __future__ import annotations

from typing import Any

from aiops.ui import scales
from aiops.ui.dom import box, text
from aiops.ui.words import clock, plain

WIDTH, HEIGHT = 1000.0, 160.0
MOST_SERIES = 6
MOST_COLUMNS = 120
"""Columns that tell their values under the pointer."""

Point = tuple[float, float | None]


class Frame:
    """Maps moments and values to the drawing: `x` and `y` in its units, `left` and `bottom` in percent."""

    def __init__(self, start: float, end: float, values: list[float]) -> None:
        self.start, self.end = start, max(end, start + 1.0)
        self.ticks = scales.ticks(*scales.bounds(values))
        self.low, self.high = self.ticks[0], self.ticks[-1]

    def x(self, at: float) -> float:
        return round(WIDTH * min(max((at - self.start) / (self.end - self.start), 0.0), 1.0), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT * (1 - (value - self.low) / (self.high - self.low)), 1)

    def left(self, at: float) -> str:
        return f"{self.x(at) / WIDTH * 100:.2f}%"

    def bottom(self, value: float) -> str:
        return f"{100 - self.y(value) / HEIGHT * 100:.2f}%"


def path(points: list[Point], frame: Frame) -> str:
    """The line as SVG path data; a missing value breaks it, a lone one is a dot."""
    parts, drawing = [], False
    for index, (at, value) in enumerate(points):
        if value is None:
            drawing = False
            continue
        parts.append(f"{'L' if drawing else 'M'}{frame.x(at)} {frame.y(value)}")
        if not drawing and (index + 1 == len(points) or points[index + 1][1] is None):
            parts.append("h0.01")
        drawing = True
    return "".join(parts)


def draw(data: dict[str, Any]) -> None:
    """Show one chart of an evidence, as the server gives it."""
    series = data["series"][:MOST_SERIES]
    points = [(at, value) for one in series for at, value in one["points"]]
    values = [value for _, value in points if value is not None]
    if not values:
        text("No values in this window.", "p", "muted")
        return
    baseline, window = data.get("baseline"), data["window"]
    start = min([window["start"], *([baseline["start"]] if baseline else []), *(at for at, _ in points)])
    frame = Frame(start, max([window["end"], *(at for at, _ in points)]), values)
    with box("figure", "chart"):
        _key(series, data)
        with box("div", "plot"):
            _lines(series, data, frame)
            for tick in frame.ticks:
                text(scales.value(tick, data["unit"]), classes="tick-y").style(f"bottom: {frame.bottom(tick)}")
            for at in scales.minutes(frame.start, frame.end):
                label = scales.moment(at, frame.end - frame.start)
                text(label, classes="tick-x").style(f"left: {frame.left(at)}")
            _readings(series, data, frame)
        if len(data["series"]) > len(series):
            text(f"{len(data['series']) - len(series)} more series are not drawn.", "p", "muted small")


def _key(series: list[dict[str, Any]], data: dict[str, Any]) -> None:
    with box("figcaption", "key"):
        for index, one in enumerate(series):
            with box("span", "entry"):
                box("i", f"swatch s{index + 1}", aria_hidden="true")
                text(plain(one["name"], 80) or "value")
        if data.get("baseline"):
            with box("span", "entry"):
                box("i", "swatch shade", aria_hidden="true")
                text("baseline")
        if data.get("onset") is not None:
            with box("span", "entry"):
                box("i", "swatch onset", aria_hidden="true")
                text(f"began {clock(data['onset'])}")


def _lines(series: list[dict[str, Any]], data: dict[str, Any], frame: Frame) -> None:
    view = {"viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", "preserveAspectRatio": "none"}
    with box("svg", "", role="img", aria_label=_spoken(series, data), **view):
        if baseline := data.get("baseline"):
            left, right = frame.x(baseline["start"]), frame.x(baseline["end"])
            box("rect", "shade", x=left, y=0, width=max(right - left, 1), height=HEIGHT)
        for tick in frame.ticks:
            box("line", "grid", x1=0, x2=WIDTH, y1=frame.y(tick), y2=frame.y(tick))
        for index, one in enumerate(series):
            box("path", f"curve s{index + 1}", d=path([(at, value) for at, value in one["points"]], frame))
        if (onset := data.get("onset")) is not None:
            box("line", "onset", x1=frame.x(onset), x2=frame.x(onset), y1=0, y2=HEIGHT)


def _spoken(series: list[dict[str, Any]], data: dict[str, Any]) -> str:
    """The chart in words, for those who cannot see it."""
    parts = []
    for one in series:
        values = [value for _, value in one["points"] if value is not None]
        if values:
            low, high = (scales.value(v, data["unit"]) for v in (min(values), max(values)))
            last = scales.value(values[-1], data["unit"])
            parts.append(f"{plain(one['name'], 80) or 'value'}: between {low} and {high}, at last {last}")
    return "; ".join(parts)


def _readings(series: list[dict[str, Any]], data: dict[str, Any], frame: Frame) -> None:
    """Thin columns over the plot, each with the values of its moment, shown under the pointer."""
    moments = sorted({at for one in series for at, _ in one["points"]})
    chosen = moments[:: max(1, -(-len(moments) // MOST_COLUMNS))]
    known = [dict(one["points"]) for one in series]
    width = 100 / max(len(chosen), 1)
    for at in chosen:
        left = frame.x(at) / WIDTH * 100
        side = "right" if left > 60 else ""
        with (
            box("span", f"reading {side}", aria_hidden="true").style(
                f"left: {left - width / 2:.2f}%; width: {width:.2f}%"
            ),
            box("span", "tip"),
        ):
            text(clock(at), "b")
            for index, values in enumerate(known):
                if (value := values.get(at)) is not None:
                    with box("span", "entry"):
                        box("i", f"swatch s{index + 1}")
                        text(scales.value(value, data["unit"]))
