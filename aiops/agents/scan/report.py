"""What a scan says: findings by severity, what was looked at, and what could not be seen."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from aiops.core.entity import Entity, Subject
from aiops.core.evidence import Query
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value


class Severity(StrEnum):
    """critical: something serves nobody now; warning: it will, or serves worse; info: worth knowing."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class ScanFinding(Value):
    """One cause, with everything that follows from it. `title` is one sentence; `detail` quotes the cluster.

    `since` is in unix seconds, where the objects tell. `query` shows the object again. `also` are other sentences
    about the same workloads, `workloads` those that it concerns, `times` how many objects show it.
    """

    subject: Subject
    severity: Severity
    title: str
    detail: str = ""
    since: float | None = None
    mechanism: Mechanism | None = None
    query: Query
    also: tuple[str, ...] = ()
    workloads: tuple[Entity, ...] = ()
    times: int = Field(1, ge=1)


class ScanReport(Value):
    """`findings`, the worst first. `looked_at` counts objects by kind, and firing alerts under `Alert`; a kind that is
    not in it could not be read.

    `missing` are sentences about what could not be seen and why; nothing is said to be well that is named there.
    `at` is the cluster's time in unix seconds, `seconds` how long it took.
    """

    at: float
    namespaces: tuple[str, ...]
    findings: tuple[ScanFinding, ...]
    looked_at: dict[str, int]
    missing: tuple[str, ...] = ()
    seconds: float

    @property
    def blind(self) -> bool:
        """Could no pods be looked at?"""
        return "Pod" not in self.looked_at

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)
