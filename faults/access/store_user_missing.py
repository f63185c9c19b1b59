"""Fault: a data store knows none of its clients' users any more."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance import Pods
from aiops.core.disturbance.behaviour import RefusedUser
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.edges import stands
from aiops.faults.kit.passwords import guarded_stores
from aiops.faults.parameters import choose
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, store: Entity) -> bool:
    """The user has to be made anew in the store, which is nothing that the Kubernetes API can do."""
    return await stands(target, await _refusal(target, store))


@fault(
    Mechanism.AUTH_USER_MISSING,
    entities=("Deployment", "StatefulSet"),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"security", "data"}),
)
async def store_user_missing(
    target: Target,
    store: Annotated[Entity, choose("a store with a password that users wait for", guarded_stores, Entity.parse)],
) -> GroundTruth:
    """The user of an application has been dropped in its data store, which refuses every connection of its clients."""
    await target.disturb(await _refusal(target, store))
    return GroundTruth(subject=store, mechanism=Mechanism.AUTH_USER_MISSING)


async def _refusal(target: Target, store: Entity) -> Misbehaviour:
    labels = (await target.get(store))["spec"]["selector"]["matchLabels"]
    return Misbehaviour(pods=Pods(namespace=store.namespace, labels=labels), behaviours=(RefusedUser(),))
