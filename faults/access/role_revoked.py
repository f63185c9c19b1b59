"""Fault: the user of an application may no longer do in its data store what the application does."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.edges import is_misbehaving, pods_chosen
from aiops.faults.kit.passwords import guarded_stores
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

NOT_ALLOWED = 403
"""What a store says to a user that may not do what it asks for."""


@fault(
    Mechanism.AUTH_ROLE_REVOKED,
    entities=("Deployment", "StatefulSet"),
    felt="requests",
    present=is_misbehaving,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"security", "data"}),
)
async def role_revoked(
    target: Target,
    store: Annotated[Entity, choose("a store with a password that users wait for", guarded_stores, Entity.parse)],
    percent: Annotated[int, whole(70, 100)],
) -> GroundTruth:
    """A role of an application's user is revoked in its data store: most of what it asks for is not allowed."""
    refused = OperationErrors(percent=percent, status=NOT_ALLOWED)
    await target.disturb(Misbehaviour(pods=await pods_chosen(target, store), behaviours=(refused,)))
    return GroundTruth(subject=store, mechanism=Mechanism.AUTH_ROLE_REVOKED)
