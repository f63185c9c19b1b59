"""What simple strategies share."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, Room


class Strategy:
    """Waits until it is called, then does its one thing. A subclass overrides `act`."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.said = Claim(fault=True)
        self.said_at: float | None = None

    async def start(self) -> None:
        """Nothing to prepare."""

    async def work(self) -> None:
        await self.room.called()
        self.said_at = self.room.clock.now()
        await self.act()

    async def act(self) -> None:
        """Change the cluster, or nothing."""

    def claim(self) -> Claim:
        if not self.said.fault or self.said.detected_at is not None:
            return self.said
        at = self.said_at
        return self.said.model_copy(update={"detected_at": at, "localized_at": at, "analysed_at": at})

    async def stop(self) -> None:
        """Nothing to end."""
