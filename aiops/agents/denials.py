"""What keeps a service account from what its logs say it was refused."""

from __future__ import annotations

from aiops.agents.cluster_objects import read_kind
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.forbidden import Denial
from aiops.analysis.policy.rbac_repair import suspects
from aiops.core.entity import Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

KINDS = ("Role", "RoleBinding", "ServiceAccount")

UNKNOWN = 0.5
"""Strength of blaming the account itself where no role or binding can be named."""


async def blamed_for(denial: Denial, tools: Toolbox) -> tuple[Hypothesis, ...]:
    """The roles and bindings that may lack the right; the account itself where none tells."""
    namespace = denial.request.namespace
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
