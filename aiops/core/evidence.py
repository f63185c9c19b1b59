"""Evidence: one observation, with the query that made it, so that anybody can make it again."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from aiops.core.entity import Subject
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value


class Source(StrEnum):
    """Where an observation comes from."""

    KUBERNETES = "kubernetes"
    METRICS = "metrics"
    LOGS = "logs"
    TRACES = "traces"
    CHANGES = "changes"
    RUNBOOK = "runbook"


class Window(Value):
    """A span of time in unix seconds, `start` <= `end`."""

    start: float
    end: float


class Query(Value):
    """A tool call that can be made again: `aiops tool NAME ARGUMENTS` gives the observation anew."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Hypothesis(Value):
    """What one observation speaks for: this entity is broken in this way.

    `strength` is in 0..1: how far this observation alone would convince. `field` is the path of the setting at
    fault where the observation shows it (`spec.ports[http].targetPort`). `wanted` is the value that the rest of the
    cluster implies, where there is one. `explains` are fields of the observed object whose values are this one's doing:
    what they bring about is brought about by it.
    """

    subject: Subject
    mechanism: Mechanism
    strength: float = Field(ge=0, le=1)
    field: str | None = None
    wanted: Any = None
    explains: tuple[str, ...] = ()


class Evidence(Value):
    """One observation.

    `score` is in 0..1: how far it departs from the baseline (0: normal). `onset` is when the departure began, where
    that can be told. `begins` in 0..1 is how likely the trouble as a whole begins at the subject, where the observation
    is of the whole. `summary` is one sentence; text that came from the cluster stands in `observed` and `baseline`
    and is data, never markup.
    """

    id: str
    source: Source
    subject: Subject
    query: Query
    window: Window
    summary: str
    observed: str
    baseline: str = ""
    score: float = Field(ge=0, le=1)
    onset: float | None = None
    suggests: tuple[Hypothesis, ...] = ()
    begins: float = Field(0.0, ge=0, le=1)
