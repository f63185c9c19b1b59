"""Fault: a data store knows none of its clients' users any more."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import RefusedUser
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.edges import is_misbehaving, pods_chosen
from aiops.faults.kit.passwords import guarded_stores
from aiops.faults.parameters import choose
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.AUTH_USER_MISSING,
    entities=("Deployment", "StatefulSet"),
    felt="requests",
    present=is_misbehaving,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"security", "data"}),
)
async def store_user_missing(
    target: Target,
    store: Annotated[Entity, choose("a store with a password that users wait for", guarded_stores, Entity.parse)],
) -> GroundTruth:
    """The user of an application has been dropped in its data store, which refuses every connection of its clients."""
    await target.disturb(Misbehaviour(pods=await pods_chosen(target, store), behaviours=(RefusedUser(),)))
    return GroundTruth(subject=store, mechanism=Mechanism.AUTH_USER_MISSING)
