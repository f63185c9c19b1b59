"""An approval: a person's yes or no to one action, used once."""

from __future__ import annotations

from enum import StrEnum

from aiops.core.action import Action
from aiops.core.model import Value


class Decision(StrEnum):
    """`WITHDRAWN`: nobody answered before the incident ended or another action took this one's place."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class Approval(Value):
    """`digest` is that of the action as it was shown: the approval holds for no other."""

    id: str
    incident: str
    action: Action
    digest: str
    decision: Decision = Decision.PENDING
    actor: str = ""
    reason: str = ""
