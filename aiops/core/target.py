"""The protocols through which a fault acts on a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aiops.core.disturbance import Disturbance
from aiops.core.entity import Entity, Manifest
from aiops.core.kubernetes_api import PatchType
from aiops.core.model import Value


class Standing(Value):
    """A disturbance that was begun and not ended. `in_effect` is false where there is nothing left that it acts on: a
    process that has ended, a version that nobody runs."""

    disturbance: Disturbance
    in_effect: bool


class DataPlane(Protocol):
    """A driver of what is below the Kubernetes API. Whoever begins a disturbance gives it an id of its own, so that it
    can be ended by one who only knows the id.

    Errors: `NotSupportedError` names what the driver cannot do; `NotPossibleError` where nothing is chosen."""

    async def begin(self, disturbance_id: str, disturbance: Disturbance) -> None:
        """Let it happen. Beginning the same one again changes nothing; another one of the id is a `ConflictError`."""
        ...

    async def end(self, disturbance_id: str) -> bool:
        """End it, and say whether there was one."""
        ...

    async def standing(self) -> Mapping[str, Standing]:
        """By id, in the order in which they began."""
        ...

    async def feels(self, disturbance: Disturbance) -> bool:
        """Whether anybody would feel it if it began now, and the driver could let it begin."""
        ...

    async def reliance(self) -> Mapping[str, float]:
        """The share of users' requests that fail where this answers nothing, by what it is: a workload or a Service
        (`Service/shop/items`), a call (`Deployment/shop/web -> Service/shop/items`), the variable that holds the
        address of one (`Deployment/shop/web ITEMS_ADDRESS`), a claim, and what is written to it
        (`PersistentVolumeClaim/shop/data-db-0 written`). What is not in it is not known: all, of a real cluster."""
        ...


class Target(Protocol):
    """What a fault acts through. Every write is journaled with its undo before it is made."""

    async def get(self, entity: Entity) -> Manifest:
        """The object as it is. Raises `NotFoundError`."""
        ...

    async def list(self, kind: str, namespace: str) -> list[Manifest]:
        """All objects of a kind in a namespace."""
        ...

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType = "strategic") -> Manifest:
        """Change the object, and give it as it is then."""
        ...

    async def create(self, manifest: Manifest) -> Manifest:
        """Create an object. Raises `ConflictError` where there is one of its name."""
        ...

    async def delete(self, entity: Entity) -> None:
        """Delete the object. Raises `NotFoundError`."""
        ...

    async def disturb(self, disturbance: Disturbance) -> str:
        """Let something happen below the Kubernetes API, and give its id. Raises `NotSupportedError` naming what the
        target cannot do."""
        ...

    async def undisturb(self, disturbance_id: str) -> bool:
        """End it, and say whether there was one."""
        ...

    async def disturbances(self) -> Mapping[str, Standing]:
        """Those that were begun and not ended, by id."""
        ...

    async def feels(self, disturbance: Disturbance) -> bool:
        """Whether anybody would feel it if it began now; false as well where the target cannot do it."""
        ...

    async def reliance(self) -> Mapping[str, float]:
        """As `DataPlane.reliance`; empty without a driver."""
        ...
