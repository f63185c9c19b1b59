"""The operations of a Deployment with one method, where it serves several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.entity import Entity
from aiops.core.errors import InvalidInputError
from aiops.core.model import Value
from aiops.core.target import Target
from aiops.faults.kit.busy import services_in_use
from aiops.faults.kit.feeling import that_feel
from aiops.faults.parameters import choose

_METHODS = ("GET", "POST", "PUT", "DELETE")


class Operations(Value):
    """Written `Deployment/shop/web POST`."""

    deployment: Entity
    method: str

    def __str__(self) -> str:
        return f"{self.deployment} {self.method}"

    @classmethod
    def parse(cls, text: str) -> Operations:
        """Raises `InvalidInputError`."""
        deployment, _, method = text.partition(" ")
        if method not in _METHODS:
            raise InvalidInputError(f"not operations (deployment method): {text!r}")
        return cls(deployment=Entity.parse(deployment), method=method)


async def _some_of_several(target: Target, namespace: str) -> Sequence[Operations]:
    """Of Deployments that serve several methods: what goes on working tells it from a fault of everything."""
    services = await services_in_use(target, namespace)
    found: dict[Entity, list[str]] = {}
    for method in _METHODS:
        for service in await that_feel(target, services, OperationErrors(operation=method, percent=100)):
            found.setdefault(Entity.of(service), []).append(method)
    return [
        Operations(deployment=deployment, method=method)
        for deployment in sorted(found, key=str)
        for method in found[deployment]
        if len(found[deployment]) > 1
    ]


SomeOperations = Annotated[
    Operations, choose("one of several methods of a Deployment", _some_of_several, Operations.parse)
]
