"""What was recorded of a system around an incident, as columns.

Times are unix seconds; an entity is an index into `Recording.entities`. Any table may be missing (None).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from aiops.core.entity import Manifest
from aiops.core.telemetry import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of metrics in long form: all arrays (n,); `metric` is an index into `names`.

    `declared` maps a name to gauge, counter, latency, errors or rate, where somebody told; else the name tells.
    """

    time: FloatArray
    entity: IntArray
    metric: IntArray
    value: FloatArray
    names: tuple[str, ...]
    declared: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lines:
    """Log lines: `time` and `entity` (n,), `message` of the same length: untrusted text."""

    time: FloatArray
    entity: IntArray
    message: list[str]


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans: all arrays (n,). `parent` is the index of the parent span, -1 where it has none or it was not recorded.

    `operation` numbers operations; `start` in unix seconds, `duration` in seconds.
    """

    entity: IntArray
    parent: IntArray
    operation: IntArray
    start: FloatArray
    duration: FloatArray
    error: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A field of an entity that was set to another value."""

    time: float
    entity: int
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A Kubernetes event, or one like it. `type` is Normal or Warning."""

    time: float
    entity: int
    type: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Recording:
    """One case. `onset` may be late by minutes, or not known; telemetry before `baseline_end` is normal.

    `targets` are the entities of which users complain (the pods of a workload, where it has several); `calls` are
    (caller, callee). `workloads` has the number of each entity's workload; without it each entity is its own.
    """

    name: str
    entities: tuple[str, ...]
    onset: float | None = None
    baseline_end: float | None = None
    targets: tuple[int, ...] = ()
    workloads: tuple[int, ...] = ()
    calls: tuple[tuple[int, int], ...] = ()
    samples: Samples | None = None
    lines: Lines | None = None
    spans: Spans | None = None
    changes: tuple[RecordedChange, ...] = ()
    events: tuple[RecordedEvent, ...] = ()
    objects: tuple[Manifest, ...] = ()
    notes: tuple[str, ...] = ()

    def workload_of(self) -> IntArray:
        """The number of each entity's workload: (m,)."""
        return np.array(self.workloads if self.workloads else range(len(self.entities)), dtype=np.int64)

    def missing(self) -> list[str]:
        """What was not recorded, by name."""
        parts: dict[str, Any] = {"metrics": self.samples, "logs": self.lines, "traces": self.spans}
        return [name for name, table in parts.items() if table is None] + ([] if self.changes else ["changes"])
