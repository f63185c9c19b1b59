"""The post-mortem as markdown. Text from outside is quoted, so that it cannot become markup."""

from __future__ import annotations

from aiops.core.clock import rfc3339
from aiops.core.text import visible
from aiops.supervisor.postmortem.facts import Facts
from aiops.supervisor.postmortem.wording import duration, outcome_of
from aiops.supervisor.report_text import quoted


def markdown(told: Facts) -> str:
    """The whole document."""
    lines = [
        f"# Post-mortem: {quoted(told.incident.title)}",
        "",
        f"Incident {told.incident.id}, {outcome_of(told)}. "
        f"{rfc3339(told.began)} to {rfc3339(told.ended)} ({duration(told.ended - told.began)}).",
    ]
    for title, part in (
        ("Impact", _impact(told)),
        ("Cause", _cause(told)),
        ("Timeline", _timeline(told)),
        ("Evidence", [f"- [{item.id}] {quoted(item.summary)}" for item in told.cited]),
        ("Ruled out", [f"- {quoted(text)}" for text in told.ruled_out]),
        ("Queries", [f"- {quoted(chart.title)}: `{chart.promql}`" for chart in told.charts]),
        ("Not known", [f"- {quoted(text)}" for text in (*told.missing, *_unseen(told))]),
    ):
        lines += ["", f"## {title}", "", *part] if part else []
    return "\n".join(map(visible, lines)) + "\n"


def _impact(told: Facts) -> list[str]:
    if not told.impact:
        return ["No service that is measured broke its promise."]
    rows = [
        f"| {quoted(str(one.entity))} | {one.minutes:.0f} | {one.failed:,.0f} of {one.requests:,.0f} "
        f"| {one.worst:.0%} | {one.budget:.1%} |"
        for one in told.impact
    ]
    head = f"| service | minutes below {told.objective:.1%} | failed requests | worst minute | month's error budget |"
    return [head, "|---|--:|--:|--:|--:|", *rows]


def _cause(told: Facts) -> list[str]:
    if told.diagnosis is None:
        return ["No diagnosis was made."]
    lines = [quoted(told.diagnosis.summary)]
    best = told.diagnosis.best
    if best is not None and told.diagnosis.fault:
        changed = f", field {quoted(best.field)}" if best.field else ""
        lines += ["", f"{quoted(str(best.subject))}: {best.mechanism}{changed} (confidence {best.confidence:.0%})."]
        if best.path:
            lines += ["", "It spread: " + " → ".join(quoted(str(entity)) for entity in best.path) + "."]
    return lines


def _timeline(told: Facts) -> list[str]:
    began = [f"- {rfc3339(told.began)} **it began**"]
    return [*began, *(f"- {rfc3339(e.at)} {quoted(e.actor)}: {quoted(e.text)}" for e in told.course)]


def _unseen(told: Facts) -> tuple[str, ...]:
    return told.diagnosis.missing if told.diagnosis else ()
