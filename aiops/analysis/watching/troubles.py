"""Departures of services become troubles: one for each namespace and time, however many services depart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiops.analysis.watching.departures import Departure
from aiops.core.entity import Entity
from aiops.core.incident import Signal

CALM = 300.0
"""Seconds without a departure after which a trouble is over."""

TOGETHER = 180.0
"""Seconds within which what begins elsewhere is taken for the same trouble: it spreads along calls."""

KINDS = ("errors", "traffic", "latency", "budget")
"""In the order of what a title tells first."""


@dataclass(slots=True)
class Trouble:
    """`last` is when somebody was last seen to depart; `departed` are all that did, each with its first departure."""

    began: float
    last: float
    entity: Entity
    departure: Departure
    departed: dict[Entity, Departure] = field(default_factory=dict)

    def signal(self, now: float, *, resolved: bool = False) -> Signal:
        """What is told of it. The same trouble always has the same id."""
        key = hashlib.sha256(f"{self.entity}:{self.began}".encode()).hexdigest()[:16]
        others = [f"{entity}: {departure.text}" for entity, departure in self.departed.items() if entity != self.entity]
        labels = {"alertname": f"watch-{self.departure.kind}", "namespace": self.entity.namespace}
        return Signal(
            id=f"watch-{key}",
            kind="finding",
            title=f"{self.entity}: {self.departure.text}",
            text="\n".join(others),
            labels={name: value for name, value in labels.items() if value},
            subject=self.entity,
            fingerprint=f"watch-{key}",
            starts_at=self.began,
            received_at=now,
            resolved=resolved,
        )


class Troubles:
    """The troubles that stand. `take` gives what is new: a signal when a trouble begins, and one when it is over."""

    def __init__(self) -> None:
        self.open: list[Trouble] = []

    def troubled(self, entity: Entity) -> bool:
        """Whether an entity's namespace is in trouble: what it does now is not usual."""
        return any(trouble.entity.namespace == entity.namespace for trouble in self.open)

    def take(self, departed: Mapping[Entity, Sequence[Departure]], now: float) -> list[Signal]:
        """Take in who departs at this moment, and how."""
        told: list[Signal] = []
        for entity, departure in _worst_first(departed):
            trouble = self._of(entity, now)
            if trouble is None:
                trouble = Trouble(now, now, entity, departure, {entity: departure})
                self.open.append(trouble)
                told.append(trouble.signal(now))
            trouble.last = now
            trouble.departed.setdefault(entity, departure)
        over = [trouble for trouble in self.open if now - trouble.last >= CALM]
        self.open = [trouble for trouble in self.open if trouble not in over]
        return [*told, *(trouble.signal(now, resolved=True) for trouble in over)]

    def _of(self, entity: Entity, now: float) -> Trouble | None:
        at_home = (trouble for trouble in self.open if trouble.entity.namespace == entity.namespace)
        known = (trouble for trouble in self.open if entity in trouble.departed or now - trouble.began <= TOGETHER)
        return next(at_home, None) or next(known, None)


def _worst_first(departed: Mapping[Entity, Sequence[Departure]]) -> list[tuple[Entity, Departure]]:
    """Each departure with its entity; first the kinds that users feel most, of one kind the largest."""
    pairs = [(entity, departure) for entity, found in departed.items() for departure in found]
    return sorted(pairs, key=lambda pair: (KINDS.index(pair[1].kind), -abs(pair[1].observed - pair[1].usual)))
