"""Who writes to the store at this moment, and what they are to be told besides the answer."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from aiops.lab.kube.access.user import API_SERVER, User

if TYPE_CHECKING:
    from aiops.lab.kube.admission.webhooks.answers import Answers


@dataclass(slots=True)
class Writer:
    """The user behind a write. `warnings` go into the answer's `Warning` headers. A write that may have to wait for
    webhooks and be tried again has their `answers`, and an `rng` of its own, so that it makes the same names again. A
    `remote` one came over HTTP; it has `waited` so many seconds for webhooks."""

    user: User = API_SERVER
    warnings: list[str] = field(default_factory=list)
    answers: Answers | None = None
    rng: Random | None = None
    remote: bool = False
    waited: float = 0.0

    def warn(self, text: str) -> None:
        """Tell the writer something once."""
        if text not in self.warnings:
            self.warnings.append(text)


PRESENT: ContextVar[Writer] = ContextVar("writer")
"""Who writes now. It is here and not in a store, because a store is copied by pickle; each task has its own."""
