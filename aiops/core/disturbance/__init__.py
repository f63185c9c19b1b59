"""What can go wrong below the Kubernetes API, as values: a closed vocabulary for everything that can make it happen.

Values say what is done to whom, in the field's units; nothing in them says why. A driver makes them happen: the lab's
all of them, a chaos tool on a real cluster those that it can carry.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from aiops.core.disturbance.behaviour import Behaviour
from aiops.core.disturbance.controllers import ControllerDisturbance
from aiops.core.disturbance.load import LoadDisturbance
from aiops.core.disturbance.machine import ApiServerOverload, MachineDisturbance
from aiops.core.disturbance.network import DnsDisturbance, HttpDisturbance, NetworkDisturbance
from aiops.core.disturbance.process import ProcessDisturbance, Release
from aiops.core.disturbance.scope import Nodes, Pods
from aiops.core.errors import InvalidInputError

__all__ = ["Behaviour", "Disturbance", "Nodes", "Pods", "disturbance_of"]

Disturbance = Annotated[
    NetworkDisturbance
    | DnsDisturbance
    | HttpDisturbance
    | ProcessDisturbance
    | Release
    | MachineDisturbance
    | ApiServerOverload
    | LoadDisturbance
    | ControllerDisturbance,
    Field(discriminator="kind"),
]

_DISTURBANCES: TypeAdapter[Disturbance] = TypeAdapter(Disturbance)


def disturbance_of(data: Any) -> Disturbance:
    """A disturbance from JSON. Raises `InvalidInputError`, which says what is wrong where."""
    try:
        return _DISTURBANCES.validate_python(data)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise InvalidInputError(f"disturbance{': ' + where if where else ''}: {wrong['msg']}") from error
