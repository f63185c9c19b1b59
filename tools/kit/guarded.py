"""Refuses to plan what `analysis.policy.guarded` says that only people may grant."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.analysis.policy.guarded import refused, refused_subjects
from aiops.analysis.policy.rbac import RbacSubject, account_entity, own_rules, role_of, subjects_of
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotFoundError, NotPossibleError
from aiops.tools.kit.context import Context

RBAC_KINDS = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
CLUSTER_WIDE = ("ClusterRole", "ClusterRoleBinding")


def check_rules(role: Entity, rules: Iterable[Manifest], now: Iterable[Manifest] = ()) -> None:
    """Raise `NotPossibleError` where a rule that is not among those of `now` is for people alone."""
    _refuse(role, refused(rules, now))


async def check_subjects(ctx: Context, binding: Manifest, subjects: Iterable[RbacSubject]) -> None:
    """Raise `NotPossibleError` where a subject that a RoleBinding does not name yet must not get its role here."""
    known = subjects_of(binding)
    new = [subject for subject in subjects if subject not in known]
    if not new:
        return
    role = role_of(binding)
    found = await _find(ctx, role) if role.kind == "Role" else None
    asked = [account_entity(subject) for subject in new if subject.kind == "ServiceAccount"]
    accounts = [account for account in asked if await _find(ctx, account) is not None]
    _refuse(Entity.of(binding), refused_subjects(binding, new, found, accounts))


async def check_account(ctx: Context, account: Entity) -> None:
    """Raise `NotPossibleError` where bindings wait for this service account with a role that is for people alone."""
    objects = [
        {"kind": kind, **item}
        for kind in RBAC_KINDS
        for item in await ctx.kube.list(kind, "" if kind in CLUSTER_WIDE else account.namespace)
    ]
    _refuse(account, refused(own_rules(objects, account)))


def _refuse(target: Entity, why: str) -> None:
    if why:
        raise NotPossibleError(f"{target}: {why} is not granted here; a person who may has to do it")


async def _find(ctx: Context, entity: Entity) -> Manifest | None:
    try:
        return await ctx.kube.get(entity)
    except NotFoundError:
        return None
