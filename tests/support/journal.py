"""A journal in memory, for changes whose durability is not what is tested."""

from __future__ import annotations

from aiops.core.action import Action, Applied
from aiops.core.entity import Manifest


class MemoryJournal:
    """Implements `aiops.core.action.Journal`."""

    def __init__(self) -> None:
        self.intents: dict[str, tuple[Manifest | None, ...]] = {}
        self.outcomes: dict[str, tuple[Applied, ...]] = {}

    async def intend(self, action: Action, before: tuple[Manifest | None, ...]) -> None:
        self.intents.setdefault(action.id, before)

    async def intended(self, action_id: str) -> tuple[Manifest | None, ...] | None:
        return self.intents.get(action_id)

    async def record(self, action_id: str, applied: tuple[Applied, ...]) -> None:
        self.outcomes.setdefault(action_id, applied)

    async def applied(self, action_id: str) -> tuple[Applied, ...] | None:
        return self.outcomes.get(action_id)
