"""Fault: a data store takes only TLS, which its clients do not speak."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.encryption import only_encrypted, set_variable, variable_of
from aiops.faults.kit.passwords import guarded_stores
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

CLIENTS = {"DB_TLS": "on"}
"""What the environment of a client holds that speaks TLS."""

OPTIONAL = "preferred"


async def _present(target: Target, before: Before, store: Entity, variable: str, value: str) -> bool:
    """The store must not demand what its clients do not do."""
    found = await find(target, store)
    return found is None or variable_of(found, variable) == value


async def _other_fix(target: Target, before: Before, store: Entity, variable: str, value: str) -> None:
    """The store offers TLS, and takes who does not speak it."""
    await set_variable(target, store, variable, OPTIONAL)


@fault(
    Mechanism.TLS_REQUIRED,
    entities=("Deployment", "StatefulSet"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "tls", "data"}),
)
async def tls_required(
    target: Target,
    store: Annotated[Entity, choose("a store with a password that users wait for", guarded_stores, Entity.parse)],
    variable: Annotated[str, one_of("TLS_MODE", "REQUIRE_TLS", "SSL_MODE")],
    value: Annotated[str, one_of("required", "strict", "only")],
) -> GroundTruth:
    """A data store is set to take only TLS: it ends the connections of its clients, which do not speak it."""
    workload = await target.get(store)
    await target.disturb(only_encrypted(workload, {variable: value}, CLIENTS))
    await set_variable(target, store, variable, value)
    name = containers(workload)[0]["name"]
    field = f"spec.template.spec.containers[{name}].env[{variable}].value"
    return GroundTruth(subject=store, mechanism=Mechanism.TLS_REQUIRED, field=field)
