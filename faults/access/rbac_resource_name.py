"""Fault: a Role is for objects of another name than the one that is read."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.grants import granted_anew, grants, is_denied
from aiops.faults.parameters import choose, one_of, read_edge
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.AUTH_RBAC_DENIED,
    entities=("Role",),
    felt="requests",
    present=is_denied,
    other_fix=granted_anew,
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
