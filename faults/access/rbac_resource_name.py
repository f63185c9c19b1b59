"""Fault: a Role is for objects of another name than the one that is read."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.grants import grant_anew, granted, grants, lacks
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, grant: Edge, suffix: str) -> bool:
    return await lacks(target, *granted(before, grant))


async def _other_fix(target: Target, before: Before, grant: Edge, suffix: str) -> None:
    """A Role with the right name, or for all names, and its RoleBinding."""
    await grant_anew(target, *granted(before, grant))


@fault(
    Mechanism.AUTH_RBAC_DENIED,
    entities=("Role",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "security"}),
)
async def rbac_resource_name(
    target: Target,
    grant: Annotated[Edge, choose("a RoleBinding of a workload's service account", grants, read_edge)],
    suffix: Annotated[str, one_of("v2", "config", "prod", "current", "settings")],
) -> GroundTruth:
    """A Role is for an object of another name than the one that a workload reads: API requests are forbidden."""
    rules = (await target.get(grant.target))["rules"]
    await target.get(grant.source)
    names = [f"{name}-{suffix}" for name in rules[0].get("resourceNames") or (grant.source.namespace,)]
    await target.patch(grant.target, {"rules": [{**rules[0], "resourceNames": names}, *rules[1:]]}, "merge")
    return GroundTruth(subject=grant.target, mechanism=Mechanism.AUTH_RBAC_DENIED, field="rules[0].resourceNames")
