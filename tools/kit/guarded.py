"""Refuses to plan what `analysis.policy.guarded` says that only people may grant."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.analysis.policy.account import identities, refused_account
from aiops.analysis.policy.guarded import refused, refused_subjects
from aiops.analysis.policy.pod_rights import ACCOUNT_NAME, AUTOMOUNT, gained_rights
from aiops.analysis.policy.rbac import RbacSubject, account_entity, role_of, subjects_of
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import DeniedError, NotFoundError, NotPossibleError
from aiops.tools.kit.context import Context

RBAC_KINDS = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")


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


async def check_account(ctx: Context, account: Entity, manifest: Manifest) -> None:
    """Raise `NotPossibleError` where whoever runs pods as this service account gets what is for people alone to give:
    by a binding of any namespace, to it or to a group of it, or as an identity outside of the cluster."""
    if found := identities(manifest):
        _refuse(account, f"the identity of {', '.join(found)}")
    _refuse(account, refused_account([item for kind in RBAC_KINDS for item in await _list(ctx, kind)], account))


async def check_template(
    ctx: Context, workload: Entity, now: Manifest, wanted: Manifest, *, with_account: bool
) -> None:
    """Raise `NotPossibleError` where another pod template may let its pods do more to the cluster or its nodes.

    With `with_account` it may name another service account, or give pods the token of theirs again: of one whose
    rights a machine may give."""
    fields = gained_rights(now, wanted)
    identity = [field for field in fields if field in (ACCOUNT_NAME, AUTOMOUNT)]
    if with_account and identity:
        fields = [field for field in fields if field not in identity]
        name = (wanted.get("spec") or {}).get("serviceAccountName") or "default"
        account = Entity(kind="ServiceAccount", namespace=workload.namespace, name=name)
        manifest = await _find(ctx, account)
        if manifest is None:
            raise NotPossibleError(f"{workload}: its pods would run as {account}, which does not exist")
        await check_account(ctx, account, manifest)
    if fields:
        _refuse(workload, f"another {', '.join(fields)}")


async def _list(ctx: Context, kind: str) -> list[Manifest]:
    """All objects of a kind. What cannot be seen may give any right."""
    try:
        return [{"kind": kind, **item} for item in await ctx.kube.list(kind)]
    except DeniedError as error:
        raise NotPossibleError(f"nobody can say here what an account may do: {error}") from error


def _refuse(target: Entity, why: str) -> None:
    if why:
        raise NotPossibleError(f"{target}: {why} is not granted here; a person who may has to do it")


async def _find(ctx: Context, entity: Entity) -> Manifest | None:
    try:
        return await ctx.kube.get(entity)
    except NotFoundError:
        return None
