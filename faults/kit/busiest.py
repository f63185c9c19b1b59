"""The Deployment that has least to spare, and what it uses now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError, NotPossibleError
from aiops.core.model import Value
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.accelerated import accelerated
from aiops.faults.kit.busy import SERVING, cores_of, serves_as
from aiops.faults.kit.candidates import deployments_in_use
from aiops.faults.kit.limits import limit_of
from aiops.faults.parameters import choose

COMFORT = 0.8
"""The share of its limit that a process uses at the most where nobody waits."""


_ROOM = 0.6
"""The share of the nodes' CPU that is used at the most where one more pod finds a place and nobody waits for a core."""


class Busiest(Value):
    """A Deployment and the CPU of its pods, written `Deployment/shop/web 340m`."""

    deployment: Entity
    millicores: int

    def __str__(self) -> str:
        return f"{self.deployment} {self.millicores}m"

    @classmethod
    def parse(cls, text: str) -> Busiest:
        """Raises `InvalidInputError`."""
        deployment, _, amount = text.partition(" ")
        if not amount.endswith("m") or not amount[:-1].isdigit():
            raise InvalidInputError(f"not a Deployment and its CPU: {text!r}")
        return cls(deployment=Entity.parse(deployment), millicores=int(amount[:-1]))


def capacity(deployment: Manifest) -> float:
    """What the pods of a Deployment may use together, in cores. Raises `NotPossibleError` without a limit."""
    return float(deployment["spec"].get("replicas", 1)) * limit_of(deployment, "cpu")[1]


async def without_autoscaler(target: Target, namespace: str) -> list[Manifest]:
    """Deployments in use that serve requests, and whose number of pods nobody changes by himself; by name."""
    scaled = {
        each["spec"]["scaleTargetRef"]["name"] for each in await target.list("HorizontalPodAutoscaler", namespace)
    }
    return [
        deployment
        for deployment in await deployments_in_use(target, namespace)
        if deployment["metadata"]["name"] not in scaled and serves_as(deployment, SERVING)
    ]


async def in_use(target: Target, namespace: str) -> list[tuple[float, Busiest]]:
    """Each Deployment of `without_autoscaler` that is not idle and has a limit, with the share of its capacity that it
    uses now."""
    found = []
    for service in await without_autoscaler(target, namespace):
        used = await cores_of(target, service)
        try:
            share = used / capacity(service)
        except NotPossibleError:
            continue
        if used:
            found.append((share, Busiest(deployment=Entity.of(service), millicores=round(1000 * used))))
    return found


async def _first(target: Target, namespace: str) -> Sequence[Busiest]:
    """The one with the highest share of its capacity in use, as if that were the share of the next one: the highest of
    many is often so for a moment only. None where some work on accelerators: these may be full first, and nothing here
    tells how busy they are. None either where the nodes have no room for a crowd that fills this one: more pods would
    help nobody."""
    if await accelerated(target, namespace):
        return []
    found = sorted(await in_use(target, namespace), key=lambda each: (each[0], str(each[1])), reverse=True)
    if not found:
        return []
    (most, first), (usual, _) = found[0], found[min(1, len(found) - 1)]
    if await _cores_used(target, namespace) / usual > _ROOM * await _cores_there(target):
        return []
    return [first.model_copy(update={"millicores": round(first.millicores * usual / most)})]


async def _cores_used(target: Target, namespace: str) -> float:
    """What all pods of a namespace use now, in cores."""
    measured = await target.list("PodMetrics", namespace)
    return sum(parse_quantity(one["usage"]["cpu"]) for pod in measured for one in pod.get("containers") or ())


async def _cores_there(target: Target) -> float:
    """What pods may use of all nodes together, in cores."""
    return sum(parse_quantity(node["status"]["allocatable"]["cpu"]) for node in await target.list("Node", ""))


BusiestService = Annotated[Busiest, choose("the Deployment that has least to spare", _first, Busiest.parse)]
