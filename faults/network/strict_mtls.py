"""Fault: a service takes only mutual TLS, before its callers speak it."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.encryption import called, callers_of, only_encrypted, set_variable, variable_of
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

STRICT, PERMISSIVE = "STRICT", "PERMISSIVE"


async def _present(target: Target, before: Before, server: Entity, variable: str) -> bool:
    """Where the service demands it, every caller must speak mutual TLS."""
    found = await find(target, server)
    if found is None:
        return True
    if variable_of(found, variable) != STRICT:
        return False
    callers = [await find(target, entity) for entity in before if entity.kind == "Deployment" and entity != server]
    return any(caller is None or variable_of(caller, variable) != PERMISSIVE for caller in callers)


async def _other_fix(target: Target, before: Before, server: Entity, variable: str) -> None:
    """The callers speak mutual TLS as well."""
    for caller in await callers_of(target, server):
        await set_variable(target, caller, variable, PERMISSIVE)


@fault(
    Mechanism.NETWORK_MTLS,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "tls", "mesh"}),
)
async def strict_mtls(
    target: Target,
    server: Annotated[Entity, choose("a Deployment that users wait for", called, Entity.parse)],
    variable: Annotated[str, one_of("MTLS_MODE", "MESH_MTLS", "PEER_TLS_MODE")],
) -> GroundTruth:
    """A service is set to take only mutual TLS, which its callers do not speak yet: it ends their connections."""
    workload = await target.get(server)
    for caller in await callers_of(target, server):
        await target.get(caller)
    await target.disturb(only_encrypted(workload, {variable: STRICT}, {variable: PERMISSIVE}))
    await set_variable(target, server, variable, STRICT)
    name = containers(workload)[0]["name"]
    field = f"spec.template.spec.containers[{name}].env[{variable}].value"
    return GroundTruth(subject=server, mechanism=Mechanism.NETWORK_MTLS, field=field)
