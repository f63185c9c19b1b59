"""Fault: a Role names its resources in an API group in which they are not."""

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
async def rbac_wrong_group(
    target: Target,
    grant: Annotated[Edge, choose("a RoleBinding of a workload's service account", grants, read_edge)],
    group: Annotated[str, one_of("core", "v1", "apps", "api", "k8s.io", "extensions")],
) -> GroundTruth:
    """A Role names an API group that does not have its resources: API requests are forbidden."""
    rules = (await target.get(grant.target))["rules"]
    await target.get(grant.source)
    await target.patch(grant.target, {"rules": [{**rules[0], "apiGroups": [group]}, *rules[1:]]}, "merge")
    return GroundTruth(subject=grant.target, mechanism=Mechanism.AUTH_RBAC_DENIED, field="rules[0].apiGroups")
