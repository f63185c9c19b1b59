"""The report of an incident as markdown. Text from the cluster is quoted, so that it cannot become markup."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.clock import rfc3339
from aiops.core.diagnosis import Diagnosis
from aiops.core.evidence import Evidence
from aiops.core.incident import EventKind, Incident, IncidentEvent, State
from aiops.supervisor.advice import Advice
from aiops.supervisor.kept import KEPT
from aiops.supervisor.store import Store

TOLD = (EventKind.SIGNAL, EventKind.SUGGESTION, EventKind.DECISION, EventKind.CHANGE, EventKind.VERIFICATION)
MOST_SIGNALS = 6
MOST_RULED_OUT = 5


def markdown(
    incident: Incident,
    outcome: State,
    because: str,
    diagnosis: Diagnosis | None,
    store: Store,
    cited: Advice | None = None,
) -> str:
    """What happened, why, what was done, and what it rests on."""
    events = store.events(incident.id)
    lines = [f"**{outcome.replace('_', ' ')}**: {quoted(because)}", ""]
    if diagnosis is not None:
        lines += _causes(diagnosis, _evidence(events))
    if cited is not None:
        lines += _runbook(cited)
    lines += ["", "**Course**", ""]
    lines += _course(events)
    return "\n".join(lines)


def _evidence(events: Iterable[IncidentEvent]) -> dict[str, Evidence]:
    """All that was seen in any round: the diagnosis that is told need not be the last one."""
    found = [Evidence.model_validate(event.data) for event in events if event.kind is EventKind.EVIDENCE]
    return {item.id: item for item in found}


def _causes(diagnosis: Diagnosis, evidence: dict[str, Evidence]) -> list[str]:
    lines = [quoted(diagnosis.summary)]
    if diagnosis.best is not None and diagnosis.fault:
        cited = [evidence[name] for name in diagnosis.best.evidence if name in evidence]
        lines += ["", "**Evidence**", "", *(f"- [{item.id}] {quoted(item.summary)}" for item in cited)]
    if diagnosis.ruled_out:
        shown = diagnosis.ruled_out[:MOST_RULED_OUT]
        lines += ["", "**Also looked at**", "", *(f"- {quoted(f'{o.subject}: {o.reason}')}" for o in shown)]
        if more := len(diagnosis.ruled_out) - len(shown):
            lines.append(f"- and {more} more")
    if diagnosis.missing:
        lines += ["", "**Not seen**", "", *(f"- {quoted(text)}" for text in diagnosis.missing)]
    return lines


def _runbook(cited: Advice) -> list[str]:
    """The mitigation is an indented block: inside one nothing is markup, whatever a runbook holds."""
    head = f"[{cited.evidence.id}] {quoted(cited.evidence.summary)} ({quoted(cited.runbook.name)})"
    lines = ["", "**Runbook**", "", head]
    if cited.evidence.observed:
        lines += ["", *(f"    {line}".rstrip() for line in cited.evidence.observed.splitlines())]
    return lines


def _course(events: list[IncidentEvent]) -> list[str]:
    told = [event for event in events if event.kind in TOLD or KEPT in event.data]
    signals = [event for event in told if event.kind is EventKind.SIGNAL]
    dropped = {event.seq for event in signals[MOST_SIGNALS:]}
    lines = [f"- {rfc3339(e.at)} {e.actor}: {quoted(e.text)}" for e in told if e.seq not in dropped]
    return [*lines, f"- and {len(dropped)} more signals"] if dropped else lines


def quoted(text: str) -> str:
    """Text with markdown's and HTML's marks made harmless, on one line."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]<>#|!":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
