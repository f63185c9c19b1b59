"""What a fault really broke: the answer that a diagnosis is scored against."""

from __future__ import annotations

from aiops.core.entity import Subject
from aiops.core.mechanism import Mechanism
from aiops.core.model import Value


class GroundTruth(Value):
    """The object whose desired state is wrong, how, and the path of the wrong field (None: the object itself)."""

    subject: Subject
    mechanism: Mechanism
    field: str | None = None
