"""What speaks for an entity, in words, and the mechanism where something tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.deviation import THRESHOLD
from aiops.analysis.logs.signatures import signature_of
from aiops.analysis.rootcause.from_recordings.kinds import tokens
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.parts import Parts
from aiops.core.mechanism import Mechanism
from aiops.core.telemetry import FloatArray
from aiops.core.text import cut

SHOWN = 3
"""Metrics that are quoted of an entity."""

LONGEST = 200
NOTABLE = 0.05
"""Share of blame from which it is worth a sentence."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An entity (its number) with its `score` in 0..1, its most telling metric, and the evidence in sentences."""

    entity: int
    score: float
    metric: str | None
    mechanism: Mechanism | None
    evidence: tuple[str, ...]


def explain(entity: int, score: FloatArray, confidence: float, parts: Parts, panel: Panel | None) -> Suspect:
    """What the parts say of one entity. Scores are confidences: that of the first is `confidence`."""
    largest = float(score.max(initial=0.0))
    columns = _telling(entity, parts, panel)
    sentences = [_departure(column, parts, panel) for column in columns]
    sentences += _blame(entity, parts)
    told = [hint for hint in parts.hints if hint.entity == entity]
    sentences += [hint.text for hint in told]
    metric = panel.names[int(panel.metric[columns[0]])] if panel is not None and columns else None
    return Suspect(
        entity=entity,
        score=round(confidence * float(score[entity]) / largest, 6) if largest > 0 else 0.0,
        metric=metric,
        mechanism=_mechanism(entity, metric, parts) if score[entity] > 0 else None,
        evidence=tuple(cut(sentence, LONGEST) for sentence in sentences),
    )


def _telling(entity: int, parts: Parts, panel: Panel | None) -> list[int]:
    """The columns of an entity that depart most."""
    if panel is None or parts.metrics is None:
        return []
    size = np.abs(parts.metrics.departures.z)
    columns = np.flatnonzero((panel.entity == entity) & (size >= THRESHOLD))
    return sorted(columns.tolist(), key=lambda c: (-round(float(size[c]), 6), panel.names[panel.metric[c]]))[:SHOWN]


def _departure(column: int, parts: Parts, panel: Panel | None) -> str:
    assert panel is not None
    assert parts.metrics is not None
    found = parts.metrics.departures
    name, z = panel.names[int(panel.metric[column])], float(found.z[column])
    if np.isnan(found.observed[column]):
        return f"{name} is no longer reported"
    return f"{name} {found.observed[column]:.4g} instead of {found.usual[column]:.4g} ({z:+.1f} deviations)"


def _blame(entity: int, parts: Parts) -> list[str]:
    said = []
    if parts.metrics is not None and parts.metrics.followed is not None and parts.metrics.followed[entity] > NOTABLE:
        said.append(
            f"{parts.metrics.followed[entity]:.0%} of what users feel begins here and is not explained by its calls"
        )
    if parts.spans is not None:
        for share, what in (
            (parts.spans.slow[entity], "of the trouble in traces is its own time"),
            (parts.spans.network[entity], "of the trouble in traces is time lost on calls to or from it"),
            (parts.spans.failing[entity], "of the trouble in traces is errors that begin here"),
        ):
            if share > NOTABLE:
                said.append(f"{share:.0%} {what}")
    if parts.lines is not None and entity in parts.lines.leading and parts.lines.score[entity] > NOTABLE:
        change = parts.lines.leading[entity]
        said.append(
            f"log: {change.kind}, {change.rate:.3g} instead of {change.baseline_rate:.3g} lines/s: {change.template}"
        )
    return said


def _mechanism(entity: int, metric: str | None, parts: Parts) -> Mechanism | None:
    """Told by objects or events, by the wording of a log, by where time is lost, or by the resource that departs."""
    told = max((h for h in parts.hints if h.entity == entity and h.mechanism), key=lambda h: h.strength, default=None)
    if told is not None:
        return told.mechanism
    if parts.lines is not None and entity in parts.lines.leading:
        signature = signature_of(parts.lines.leading[entity].template)
        if signature is not None:
            return signature.mechanism
    if parts.spans is not None and parts.spans.network[entity] > max(parts.spans.slow[entity], NOTABLE):
        return Mechanism.NETWORK_LATENCY
    words = tokens(metric) if metric else frozenset()
    if words & {"mem", "memory", "rss", "heap"}:
        return Mechanism.RESOURCE_MEMORY_LIMIT
    return Mechanism.RESOURCE_CPU_LIMIT if words & {"cpu", "throttled", "load1"} else None
