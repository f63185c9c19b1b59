"""The data plane of a world in this process; implements `core.target.DataPlane`."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.core.disturbance import Disturbance
from aiops.core.target import Standing
from aiops.lab.world import World


class WorldPlane:
    """For who breaks things: no strategy and no assistant gets it."""

    def __init__(self, world: World) -> None:
        self._driver = world.disturbances

    async def begin(self, disturbance_id: str, disturbance: Disturbance) -> None:
        self._driver.begin(disturbance_id, disturbance)

    async def end(self, disturbance_id: str) -> bool:
        return self._driver.end(disturbance_id)

    async def standing(self) -> Mapping[str, Standing]:
        return self._driver.standing()

    async def feels(self, disturbance: Disturbance) -> bool:
        return self._driver.feels(disturbance)

    async def reliance(self) -> Mapping[str, float]:
        return self._driver.reliance()
