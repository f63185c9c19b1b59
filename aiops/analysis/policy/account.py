"""What somebody gets who may run pods as a service account, and when that is for people to decide."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiops.analysis.policy.guarded import is_everybodys, too_wide
from aiops.analysis.policy.rbac import BoundRole, bound_to
from aiops.core.entity import Entity, Manifest

IDENTITY = re.compile(
    r"amazonaws\.com/|gke\.io/|azure|aadpodid|aliyun|alibaba|vault|identity|\biam\b|role|principal|service-account",
    re.IGNORECASE,
)
"""Annotations and labels by which clouds and vaults give identities of their own to accounts and pods; each has other
ones, so the words that they are made of count (`eks.amazonaws.com/role-arn`, `iam.gke.io/gcp-service-account`,
`azure.workload.identity/client-id`)."""


def account_rules(objects: Iterable[Manifest], account: Entity) -> list[Manifest]:
    """The rules that bindings of its own namespace give to a service account, besides what everybody has."""
    return [
        rule
        for bound in bound_to(objects, account)
        if _is_at_home(bound, account)
        for rule in bound.rules
        if not is_everybodys(rule)
    ]


def refused_account(objects: Iterable[Manifest], account: Entity) -> str:
    """Why a machine may not let pods run as this account; empty where it may.

    `objects` are all Roles, ClusterRoles and their bindings, of every namespace, with their kinds."""
    for bound in bound_to(objects, account):
        binding = Entity.of(bound.binding)
        for rule in bound.rules:
            if is_everybodys(rule):
                continue
            if not _is_at_home(bound, account):
                return f"what {binding} gives it outside of its namespace"
            if why := too_wide(rule):
                return f"{why}, by {binding},"
    return ""


def identities(manifest: Manifest) -> dict[str, str]:
    """The annotations and labels that may give an account or a pod rights outside of the cluster, by their keys."""
    metadata = manifest.get("metadata") or {}
    found = {**(metadata.get("labels") or {}), **(metadata.get("annotations") or {})}
    return {key: found[key] for key in sorted(found) if IDENTITY.search(key)}


def _is_at_home(bound: BoundRole, account: Entity) -> bool:
    binding = Entity.of(bound.binding)
    return binding.kind == "RoleBinding" and binding.namespace == account.namespace
