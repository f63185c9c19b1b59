"""What telemetry looks like once a client has read it: series, log lines, spans."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aiops.core.entity import Entity
from aiops.core.evidence import Window

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """One time series: `times` (unix seconds, rising) and `values`, both of shape (n,). Gaps are missing points."""

    labels: dict[str, str]
    times: FloatArray
    values: FloatArray

    @property
    def name(self) -> str:
        return self.labels.get("__name__", "")

    def within(self, window: Window) -> FloatArray:
        """The values in a window, both ends included, shape (n,)."""
        return self.values[(self.times >= window.start) & (self.times <= window.end)]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a container's log. `message` is untrusted text."""

    time: float
    entity: Entity
    message: str


@dataclass(frozen=True, slots=True)
class Span:
    """One operation of a trace; times and durations in seconds. `parent_id` is None for the root."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    operation: str
    start: float
    duration: float
    error: bool
    attributes: dict[str, str] = field(default_factory=dict)
