"""The answer of an investigation: ranked root causes, what was ruled out, what is missing."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from aiops.core.entity import Entity, Subject
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value


class RootCause(Value):
    """One explanation. `path` runs from the cause to where users feel it; `evidence` holds evidence ids."""

    subject: Subject
    mechanism: Mechanism | None
    field: str | None = None
    wanted: Any = None
    confidence: float = Field(ge=0, le=1)
    summary: str
    path: tuple[Entity, ...] = ()
    evidence: tuple[str, ...] = ()


class RuledOut(Value):
    """An explanation that was looked at and dropped, with the reason."""

    subject: Subject
    mechanism: Mechanism | None
    reason: str
    evidence: tuple[str, ...] = ()


class Diagnosis(Value):
    """`root_causes` is ranked, best first, also where `fault` is false or `abstained` is true."""

    fault: bool
    abstained: bool = False
    onset: float | None = None
    root_causes: tuple[RootCause, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    missing: tuple[str, ...] = ()
    summary: str

    @property
    def best(self) -> RootCause | None:
        return self.root_causes[0] if self.root_causes else None
