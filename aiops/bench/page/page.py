"""The whole page of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from aiops.bench.line import Line
from aiops.bench.page.scenario import scenario
from aiops.bench.page.svg import Bar, bars, dots
from aiops.bench.report import COLUMNS, TIMES

STYLE = Path(__file__).with_name("style.css")


def page(summary: Line, lines: Sequence[Line]) -> str:
    """HTML with everything in it: figures, plots by family, and a part for each scenario."""
    agent, suite = escape(str(summary["agent"])), escape(str(summary.get("suite", "")))
    played = f"{summary['scenarios']} scenarios of the suite {suite}, seeds {escape(str(summary.get('seeds', '')))}"
    rest = f"{summary.get('refused', 0)} did not count, {summary.get('errors', 0)} ended in an error"
    parts = [
        f"<h1>{agent}</h1><p class='soft'>{played}; {rest}.</p>",
        f"<div class='wide'>{_figures(summary)}</div>",
        "<h2>By family of faults</h2>",
        *_plots(summary, lines),
        "<h2>Scenarios</h2>",
        *(scenario(line) for line in lines),
    ]
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>{agent}: {suite}</title>"
    style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
    return f"<!doctype html><html lang='en'><head>{head}{style}</head><body>{''.join(parts)}</body></html>\n"


def _figures(summary: Line) -> str:
    intervals = _dict(summary.get("intervals"))
    rows = [(title, summary.get(name), intervals.get(name)) for name, title in COLUMNS.items()]
    cells = "".join(
        f"<tr><td>{title}</td><td>{_share(value)}</td><td>{_bounds(known)}</td></tr>" for title, value, known in rows
    )
    times = _dict(summary.get("times"))
    sure = _dict(summary.get("calibration"))
    theirs = _dict(summary.get("aiopslab"))
    more = [
        *((f"{title} (median)", _seconds(times.get(name))) for name, title in TIMES.items()),
        ("calibration error", _share(sure.get("ece"))),
        ("Brier score", _share(sure.get("brier"))),
        *((f"{task} by AIOpsLab's rules", _share(value)) for task, value in theirs.items()),
        ("steps", f"{summary.get('steps') or 0:,}"),
        ("tokens", f"{summary.get('tokens') or 0:,}"),
        ("cost", f"{summary.get('cost') or 0:.4f}"),
    ]
    rest = "".join(f"<tr><td>{title}</td><td>{text}</td><td></td></tr>" for title, text in more)
    return f"<table><tr><th>figure</th><th>value</th><th>95 % interval</th></tr>{cells}{rest}</table>"


def _plots(summary: Line, lines: Sequence[Line]) -> list[str]:
    families = _dict(summary.get("categories"))
    if not families:
        return ["<p class='soft'>No scenario with a fault was played.</p>"]
    times = [(name, _known(lines, name, "seconds")) for name in families]
    tokens = [(name, _known(lines, name, "tokens")) for name in families]
    return [
        bars("mitigated", _bars(families, "mitigated")),
        bars("localized", _bars(families, "localized")),
        bars("harmed", _bars(families, "harmed"), harm=True),
        dots("until users are well", times, "simulated seconds"),
        *([dots("tokens", tokens, "tokens")] if any(any(values) for _, values in tokens) else []),
    ]


def _bars(families: Mapping[str, Any], field: str) -> list[Bar]:
    made = []
    for name, found in families.items():
        low, high = found.get("intervals", {}).get(field) or (None, None)
        made.append(Bar(name, found.get(field) or 0.0, low, high, found["scenarios"]))
    return made


def _known(lines: Sequence[Line], family: str, field: str) -> list[float]:
    found = [line.get(field) for line in lines if line["category"] == family and line["admitted"]]
    return [float(value) for value in found if isinstance(value, int | float)]


def _share(value: Any) -> str:
    return "-" if value is None else f"{value:.2f}"


def _bounds(known: Any) -> str:
    return f"{known[0]:.2f} to {known[1]:.2f}" if known else ""


def _seconds(value: Any) -> str:
    return "-" if value is None else f"{value:,.0f} s"


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
