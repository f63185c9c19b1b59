"""What is weighed for a diagnosis, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiops.analysis.calls.graph import CallGraph
from aiops.analysis.rootcause.from_evidence.symptoms import Components
from aiops.core.entity import Entity, Subject
from aiops.core.evidence import Evidence
from aiops.core.mechanism import Mechanism


@dataclass(frozen=True, slots=True)
class Case:
    """What is weighed. `entries` are the user-facing workloads; `onset` in unix seconds; `blind` where there was no
    telemetry in which suffering would show; `answering` are the workloads whose own figures would show trouble."""

    evidence: tuple[Evidence, ...]
    graph: CallGraph
    components: Components
    entries: tuple[Entity, ...]
    onset: float
    blind: bool = False
    answering: frozenset[Entity] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One explanation with its weight. `places` are the workloads at which its effect shows first; `demoted` says
    why it is not more likely, where something speaks against it."""

    subject: Subject
    mechanism: Mechanism | None
    confidence: float
    field: str | None
    wanted: Any
    path: tuple[Entity, ...]
    evidence: tuple[str, ...]
    places: tuple[Entity, ...]
    demoted: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """`candidates` best first; `felt` is how much the user-facing workloads suffer, in 0..1."""

    candidates: tuple[Candidate, ...]
    felt: float
