"""What simple strategies share."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim, Room


class Strategy:
    """Waits until it is called, then does its one thing. A subclass overrides `act`."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.said = Claim(fault=True)

    async def start(self) -> None:
        """Nothing to prepare."""

    async def work(self) -> None:
        await self.room.called()
        await self.act()

    async def act(self) -> None:
        """Change the cluster, or nothing."""

    def claim(self) -> Claim:
        return self.said

    async def stop(self) -> None:
        """Nothing to end."""
