"""What keeps a service account from what its logs say it was refused."""

from __future__ import annotations

from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.forbidden import Denial
from aiops.analysis.policy.rbac import account_user, is_meant, subjects_of
from aiops.analysis.policy.rbac_repair import suspects
from aiops.core.entity import Manifest
from aiops.core.evidence import Hypothesis, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.object_before import object_before
from aiops.tools.recent_changes import recent_changes

KINDS = ("Role", "RoleBinding", "ServiceAccount")

DELETED = 0.85
"""Strength of blaming a binding of the account that is no longer there."""

UNKNOWN = 0.5
"""Strength of blaming the account itself where no role or binding can be named."""


async def blamed_for(denial: Denial, window: Window, tools: Toolbox) -> tuple[Hypothesis, ...]:
    """The roles and bindings that may lack the right, first those deleted in the window; the account itself where
    none tells."""
    namespace = denial.request.namespace
    lost = await _deleted_bindings(denial, window, tools) if namespace else ()
    if lost:
        return lost
    found = suspects(await _objects(namespace, tools), denial.account, denial.request) if namespace else []
    if not found:
        return (Hypothesis(subject=denial.account, mechanism=Mechanism.AUTH_RBAC_DENIED, strength=UNKNOWN),)
    return tuple(
        Hypothesis(
            subject=suspect.entity,
            mechanism=Mechanism.AUTH_RBAC_DENIED,
            strength=suspect.strength,
            field=suspect.field or None,
            wanted=suspect.wanted,
        )
        for suspect in found
    )


async def _objects(namespace: str, tools: Toolbox) -> list[Manifest]:
    return [item for kind in KINDS for item in await read_kind(tools, kind, namespace)]


async def _deleted_bindings(denial: Denial, window: Window, tools: Toolbox) -> tuple[Hypothesis, ...]:
    """The deleted RoleBindings that named the account."""
    namespace = denial.request.namespace
    result = await tools.read(recent_changes, window, namespace, 500)
    user = account_user(denial.account.namespace, denial.account.name)
    found = []
    for change in result.changes if result else ():
        if change.verb != "deleted" or change.entity.kind != "RoleBinding":
            continue
        past = await tools.read(object_before, change.entity, change.at)
        binding = past.manifest if past else None
        if binding is not None and any(is_meant(subject, user) for subject in subjects_of(binding)):
            found.append(Hypothesis(subject=change.entity, mechanism=Mechanism.AUTH_RBAC_DENIED, strength=DELETED))
    return tuple(found)
