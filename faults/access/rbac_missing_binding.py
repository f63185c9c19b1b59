"""Fault: the RoleBinding of a workload's service account is gone."""

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
    entities=("RoleBinding",),
    felt="requests",
    present=is_denied,
    other_fix=granted_anew,
    tags=frozenset({"kubernetes", "security"}),
)
async def rbac_missing_binding(
    target: Target,
    grant: Annotated[Edge, choose("a RoleBinding of a workload's service account", grants, read_edge)],
    form: Annotated[str, one_of("deleted", "no subjects")],
) -> GroundTruth:
    """The RoleBinding of a service account is deleted, or names nobody any more: API requests are forbidden."""
    await target.get(grant.target)
    if form == "deleted":
        await target.get(grant.source)
        await target.delete(grant.source)
        return GroundTruth(subject=grant.source, mechanism=Mechanism.AUTH_RBAC_DENIED)
    await target.patch(grant.source, {"subjects": None}, "merge")
    return GroundTruth(subject=grant.source, mechanism=Mechanism.AUTH_RBAC_DENIED, field="subjects")
