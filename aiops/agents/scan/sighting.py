"""One thing that one check of a scan saw, before things of one cause are put together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiops.agents.scan.report import Severity
from aiops.agents.toolbox import query
from aiops.core.entity import Entity, Subject
from aiops.core.evidence import Query
from aiops.core.mechanism import Mechanism
from aiops.core.redaction import redact_text
from aiops.core.text import cut
from aiops.tools.get_object import get_object

CONVINCING = 0.5
"""Strength from which a sighting explains others of the same workloads, instead of being explained by them."""

MOST_DETAIL = 300
"""Characters of a quotation from the cluster."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """`strength` in 0..1: how far it tells a cause. `workloads` are those that it concerns; `times` how often seen.

    `downstream` are workloads to which theirs send calls that fail: a cause there may explain it as well."""

    check: str
    subject: Subject
    severity: Severity
    title: str
    query: Query
    detail: str = ""
    since: float | None = None
    mechanism: Mechanism | None = None
    strength: float = 0.0
    workloads: tuple[Entity, ...] = ()
    times: int = 1
    downstream: tuple[Entity, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from other sightings: one check sees one thing wrong with one subject."""
        return self.check, str(self.subject), self.mechanism or ""

    def joined(self, other: Sighting) -> Sighting:
        """This sighting, seen once more in another object."""
        known = [moment for moment in (self.since, other.since) if moment is not None]
        worst = min(self.severity, other.severity, key=lambda severity: severity.rank)
        return replace(self, severity=worst, since=min(known, default=None), times=self.times + other.times)


def show(entity: Entity) -> Query:
    """The query that reads one object again."""
    return query(get_object, entity=entity)


def quoted(text: str) -> str:
    """Text from the cluster on one line, without secrets and of bounded length."""
    return cut(" ".join(redact_text(text[: 4 * MOST_DETAIL]).split()), MOST_DETAIL)
