"""What a fault really broke: the answer that a diagnosis is scored against."""

from __future__ import annotations

from aiops.core.entity import Subject
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value


class GroundTruth(Value):
    """The object whose desired state is wrong, how, and the path of the wrong field (None: the object itself); `also`
    are the other faults of a compound one."""

    subject: Subject
    mechanism: Mechanism
    field: str | None = None
    also: tuple[GroundTruth, ...] = ()

    @property
    def parts(self) -> tuple[GroundTruth, ...]:
        """Everything that is broken, this one first."""
        return (self, *(part for other in self.also for part in other.parts))
