"""All that a post-mortem tells: from the incident's timeline and, as far as it is still there, from telemetry."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.scoping.scope import each_namespace
from aiops.core.diagnosis import Diagnosis
from aiops.core.errors import AiopsError
from aiops.core.evidence import Evidence, Window
from aiops.core.incident import EventKind, Incident, IncidentEvent
from aiops.core.model import Value
from aiops.supervisor.postmortem.impact import Impact, impacts
from aiops.supervisor.services import Services
from aiops.tools.evidence_series import ChartSeries, evidence_series
from aiops.tools.golden_signals import golden_signals

TOLD = (
    EventKind.SIGNAL,
    EventKind.DIAGNOSIS,
    EventKind.SUGGESTION,
    EventKind.PROPOSAL,
    EventKind.DECISION,
    EventKind.CHANGE,
    EventKind.VERIFICATION,
    EventKind.TRANSITION,
)
BEFORE, AFTER = 300.0, 120.0
"""Seconds around the incident that charts show, so that normal life can be compared."""

LONGEST = 7 * 86400.0
MOST_CHARTS = 6


class Chart(Value):
    """Lines of one evidence, all in one unit."""

    title: str
    unit: str
    promql: str
    lines: tuple[ChartSeries, ...]


class Facts(Value):
    """`began` is the onset by the diagnosis, else the first signal; `ended` the last transition. Unix seconds.

    `missing` says what could not be read any more."""

    incident: Incident
    began: float
    ended: float
    diagnosis: Diagnosis | None
    evidence: tuple[Evidence, ...]
    course: tuple[IncidentEvent, ...]
    objective: float
    impact: tuple[Impact, ...]
    charts: tuple[Chart, ...]
    missing: tuple[str, ...]

    @property
    def cited(self) -> tuple[Evidence, ...]:
        """What the first cause rests on."""
        best = self.diagnosis.best if self.diagnosis else None
        named = set(best.evidence) if best else set()
        return tuple(item for item in self.evidence if item.id in named)

    @property
    def ruled_out(self) -> tuple[str, ...]:
        """What was looked at and dropped, with the reason; each once."""
        found = self.diagnosis.ruled_out if self.diagnosis else ()
        return tuple(dict.fromkeys(f"{one.subject}: {one.reason}" for one in found))


async def facts(services: Services, incident_id: str) -> Facts:
    """Raises `NotFoundError`."""
    incident, events = services.store.incident(incident_id), services.store.events(incident_id)
    diagnosis = _diagnosis(events)
    found = [Evidence.model_validate(event.data) for event in events if event.kind is EventKind.EVIDENCE]
    began = _began(incident, diagnosis)
    ended = max((event.at for event in events if event.kind is EventKind.TRANSITION), default=incident.updated_at)
    missing: list[str] = []
    impact = await _impact(services, incident, Window(start=began, end=max(ended, began)), missing)
    evidence = tuple({item.id: item for item in found}.values())
    charts = await _charts(services, _cited_first(evidence, diagnosis), missing)
    return Facts(
        incident=incident,
        began=began,
        ended=max(ended, began),
        diagnosis=diagnosis,
        evidence=evidence,
        course=tuple(event for event in events if event.kind in TOLD),
        objective=services.settings.objective,
        impact=impact,
        charts=charts,
        missing=tuple(dict.fromkeys(missing)),
    )


def _diagnosis(events: Sequence[IncidentEvent]) -> Diagnosis | None:
    told = [event.data for event in events if event.kind is EventKind.DIAGNOSIS]
    return Diagnosis.model_validate(told[-1]) if told else None


def _began(incident: Incident, diagnosis: Diagnosis | None) -> float:
    first = min((signal.starts_at for signal in incident.signals), default=incident.opened_at)
    return diagnosis.onset if diagnosis and diagnosis.onset is not None else first


def _cited_first(evidence: Sequence[Evidence], diagnosis: Diagnosis | None) -> list[Evidence]:
    best = diagnosis.best if diagnosis else None
    named = best.evidence if best else ()
    return sorted(evidence, key=lambda item: (item.id not in named, -item.score))


async def _impact(services: Services, incident: Incident, window: Window, missing: list[str]) -> tuple[Impact, ...]:
    if window.end - window.start > LONGEST:
        window = Window(start=window.end - LONGEST, end=window.end)
        missing.append("the impact is that of the last seven days of the incident")
    found: list[Impact] = []
    for namespace in each_namespace(incident.namespaces):
        try:
            told = await golden_signals(
                services.context, window, None, namespace, step=60, signal=("rate", "error_ratio", "p99")
            )
        except AiopsError as error:
            missing.append(f"impact: {error}")
            continue
        missing += [f"impact: {told.no_data}"] if told.no_data else []
        found += impacts(told.entities, services.settings.objective, told.step)
    return tuple(found)


async def _charts(services: Services, evidence: Sequence[Evidence], missing: list[str]) -> tuple[Chart, ...]:
    charts: list[Chart] = []
    for item in evidence:
        if len(charts) >= 2 * MOST_CHARTS:
            break
        try:
            found = await evidence_series(services.context, item.query.tool, item.query.arguments)
        except AiopsError:
            continue  # it rests on objects or logs, which are quoted
        if found.no_data:
            missing.append(f"chart of {item.id}: {found.no_data}")
        for promql in dict.fromkeys(line.promql for line in found.series):
            lines = tuple(line for line in found.series if line.promql == promql)
            title = f"{lines[0].name} of {item.subject}"
            charts.append(Chart(title=title, unit=lines[0].unit, promql=promql, lines=lines))
    unique = list({chart.promql: chart for chart in charts}.values())
    return tuple(sorted(unique, key=lambda chart: chart.unit != "ratio")[:MOST_CHARTS])  # shares tell most at a glance
