"""A deleted Role, RoleBinding or ServiceAccount, as the change history knows it: it gives rights again."""

from __future__ import annotations

from aiops.analysis.policy.rbac import subjects_of
from aiops.core.action import CreateEdit, Edit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.deleted import Moment, read_deleted
from aiops.tools.kit.guarded import RBAC_KINDS, check_account, check_rules, check_subjects
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules

KINDS = ("Role", "RoleBinding", "ServiceAccount")

RIGHTS = (*rules(("create", "delete", "get"), *KINDS), *rules(("list",), *RBAC_KINDS))
"""Taking the creation back is a deletion. Lists, of all namespaces, tell what an account would get again."""


@tool(effect="changes", risk=Risk.HIGH, needs=RIGHTS)
async def recreate_grant(ctx: Context, entity: EntityArg, deleted_at: Moment) -> list[Edit]:
    """Create a deleted Role, RoleBinding or ServiceAccount again, as it was just before its deletion.

    Refused where it would give rights that people alone give, a role to anybody but service accounts of its
    namespace, a ClusterRole, or an account that has rights elsewhere."""
    manifest = await read_deleted(ctx, entity, deleted_at, KINDS)
    if entity.kind == "Role":
        check_rules(entity, manifest.get("rules") or ())
    elif entity.kind == "RoleBinding":
        await check_subjects(ctx, {**manifest, "subjects": []}, subjects_of(manifest))
    else:
        await check_account(ctx, entity, manifest)
    return [CreateEdit(target=entity, manifest=manifest)]
