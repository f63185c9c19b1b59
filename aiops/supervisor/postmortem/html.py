"""The post-mortem as one HTML document that needs no other file: no script, nothing is loaded, all text is escaped."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from aiops.core.clock import rfc3339
from aiops.core.incident import EventKind, IncidentEvent
from aiops.core.text import visible
from aiops.supervisor.postmortem.drawing import MOST_LINES, drawing
from aiops.supervisor.postmortem.facts import Chart, Facts
from aiops.supervisor.postmortem.wording import duration, outcome_of

MARKED = (EventKind.CHANGE, EventKind.DECISION, EventKind.VERIFICATION)
"""Events that stand out in the timeline: what people and the assistant did."""


def document(told: Facts) -> str:
    """The whole document."""
    title = _text(told.incident.title)
    sections = "".join(
        f"<section><h2>{name}</h2>{body}</section>"
        for name, body in (
            ("Impact", _impact(told)),
            ("Cause", _cause(told)),
            ("Timeline", _timeline(told)),
            ("Evidence", _evidence(told)),
            ("Ruled out", _ruled_out(told)),
            ("Not known", _missing(told)),
        )
        if body
    )
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Post-mortem: {title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head><body><main>'
        f'<header><p class="kind">Post-mortem</p><h1>{title}</h1>{_facts(told)}</header>{sections}</main></body></html>'
    )


def _text(value: object) -> str:
    return escape(visible(str(value)), quote=True)


def _facts(told: Facts) -> str:
    worst = max((one.minutes for one in told.impact), default=0.0)
    shown = (
        ("Outcome", outcome_of(told)),
        ("Began", rfc3339(told.began).replace("T", " ").replace("Z", " UTC")),
        ("Lasted", duration(told.ended - told.began)),
        ("SLO minutes lost", f"{worst:.0f}"),
    )
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in shown) + "</dl>"


def _impact(told: Facts) -> str:
    if not told.impact:
        return "<p>No service that is measured broke its promise.</p>"
    rows = "".join(
        f"<tr><td><code>{_text(one.entity)}</code></td><td>{one.minutes:.0f}</td><td>{one.failed:,.0f}</td>"
        f"<td>{one.requests:,.0f}</td><td>{one.worst:.0%}</td><td>{one.budget:.1%}</td></tr>"
        for one in told.impact
    )
    return (
        f"<p>Promised: {told.objective:.1%} of requests succeed. A month's budget is what may fail in 30 days.</p>"
        '<div class="wide"><table><thead><tr><th>Service</th><th>Minutes below</th><th>Failed</th><th>Requests</th>'
        f"<th>Worst minute</th><th>Month's budget</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cause(told: Facts) -> str:
    if told.diagnosis is None:
        return "<p>No diagnosis was made.</p>"
    best, parts = told.diagnosis.best, [f"<p>{_text(told.diagnosis.summary)}</p>"]
    if best is not None and told.diagnosis.fault:
        field = f" · <code>{_text(best.field)}</code>" if best.field else ""
        parts.append(
            f'<p class="cause"><code>{_text(best.subject)}</code> · {_text(best.mechanism)}{field}'
            f" · {best.confidence:.0%} sure</p>"
        )
        if best.path:
            way = " <span>→</span> ".join(f"<code>{_text(entity)}</code>" for entity in best.path)
            parts.append(f'<p class="way">{way}</p>')
    return "".join(parts)


def _timeline(told: Facts) -> str:
    began = f'<li class="began"><time>{_clock(told.began)}</time><div><b>It began</b></div></li>'
    return f"<ol>{began}{''.join(map(_event, told.course))}</ol>"


def _event(event: IncidentEvent) -> str:
    name = "did" if event.kind in MARKED else "step"
    return (
        f'<li class="{name}"><time>{_clock(event.at)}</time>'
        f"<div><b>{_text(event.actor)}</b> {_text(event.text)}</div></li>"
    )


def _evidence(told: Facts) -> str:
    items = "".join(f"<li><code>{_text(item.id)}</code> {_text(item.summary)}</li>" for item in told.cited)
    charts = "".join(_chart(chart, told) for chart in told.charts)
    return (f"<ul>{items}</ul>" if items else "") + charts


def _chart(chart: Chart, told: Facts) -> str:
    svg = drawing(chart, told.began, told.ended)
    if not svg:
        return ""
    key = ""
    if len(chart.lines) > 1:
        names = [", ".join(line.labels.values()) or line.name for line in chart.lines[:MOST_LINES]]
        key = "".join(f'<span><i class="s{index + 1}"></i>{_text(name)}</span>' for index, name in enumerate(names))
    return (
        f'<figure><figcaption>{_text(chart.title)}<span class="key">{key}</span></figcaption>{svg}'
        f"<details><summary>Query</summary><code>{_text(chart.promql)}</code></details></figure>"
    )


def _ruled_out(told: Facts) -> str:
    items = "".join(f"<li>{_text(text)}</li>" for text in told.ruled_out)
    return f"<ul>{items}</ul>" if items else ""


def _missing(told: Facts) -> str:
    unseen = (*told.missing, *(told.diagnosis.missing if told.diagnosis else ()))
    return "<ul>" + "".join(f"<li>{_text(text)}</li>" for text in unseen) + "</ul>" if unseen else ""


def _clock(at: float) -> str:
    return rfc3339(at)[11:19]
