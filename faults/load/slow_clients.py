"""Fault: clients that hold the gateway's connections for minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.load import SlowClients
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.standing import lasts
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_GATEWAYS = "ingress-nginx"
_MINUTE = 60.0


async def _gateways(target: Target, namespace: str) -> Sequence[Entity]:
    """The gateway in front of an Ingress of the namespace."""
    if not await target.list("Ingress", namespace):
        return []
    return [Entity.of({**each, "kind": "Deployment"}) for each in await target.list("Deployment", _GATEWAYS)]


def _slow(percent: int, minutes: int) -> SlowClients:
    return SlowClients(percent=percent, seconds=minutes * _MINUTE)


async def _present(target: Target, before: Before, gateway: Entity, percent: int, minutes: int) -> bool:
    return await lasts(target, _slow(percent, minutes))


@fault(
    Mechanism.LOAD_SLOW_CLIENTS,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"load"}),
)
async def slow_clients(
    target: Target,
    gateway: Annotated[Entity, choose("a gateway in front of an Ingress", _gateways, Entity.parse)],
    percent: Annotated[int, whole(30, 70)],
    minutes: Annotated[int, whole(15, 60)],
) -> GroundTruth:
    """Many clients send a byte now and then: all connections of the gateways are taken, however many there are."""
    await target.disturb(_slow(percent, minutes))
    return GroundTruth(subject=gateway, mechanism=Mechanism.LOAD_SLOW_CLIENTS)
