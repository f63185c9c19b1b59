"""What changed: one field of one object, seen by the change recorder."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from aiops.core.entity import Entity, Manifest
from aiops.core.model import Value


class FieldChange(Value):
    """One setting that differs. `path` is for people and patches alike (`spec.ports[http].targetPort`)."""

    path: str
    old: Any = None
    new: Any = None


class Change(Value):
    """One write to one object. `actor` is the field manager, where the API server names it."""

    at: float
    entity: Entity
    verb: Literal["created", "updated", "deleted"]
    actor: str = ""
    fields: tuple[FieldChange, ...] = ()


class ChangeHistory(Protocol):
    """Reads the recorder's store. Times in unix seconds; newest first."""

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        """Changes of desired state (not status) in the window, in all namespaces where none is given."""
        ...

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        """The object as it was just before `moment`; None where it was not there or not yet watched."""
        ...

    async def watched_since(self) -> float:
        """From when on the history is complete."""
        ...

    def reading_once(self) -> ChangeHistory:
        """The same for one look: it is made complete at the first reading, and no more."""
        ...

    def problems(self) -> tuple[str, ...]:
        """What keeps the newest changes from being seen right now; empty where nothing does."""
        ...
