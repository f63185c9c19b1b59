"""The rules of a Role: grants are narrow, or not made here."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.guarded import check_rules
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules as rights
from aiops.tools.kit.workload import read_target

Words = Annotated[list[str], Field(min_length=1, max_length=50)]


class PolicyRule(BaseModel):
    """One rule of a Role, named as in Kubernetes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    apiGroups: Words  # noqa: N815 - Kubernetes' names
    resources: Words
    verbs: Words
    resourceNames: list[str] = []  # noqa: N815


@tool(effect="changes", risk=Risk.HIGH, needs=rights(("get", "patch"), "Role"))
async def edit_role(
    ctx: Context,
    role: EntityArg,
    rules: Annotated[list[PolicyRule], Field(min_length=1, max_length=100, description="all rules of the role")],
) -> list[Edit]:
    """Replace the rules of a Role. New rights with a wildcard, to credentials, to run containers or to widen rights are
    refused. No pod restarts.

    The API server lets an account grant only the rights that it holds itself."""
    manifest = await read_target(ctx, role, ("Role",), "role")
    wanted = [_plain(rule) for rule in rules]
    check_rules(role, wanted, manifest.get("rules") or ())
    return [PatchEdit(target=role, patch_type="merge", body={"rules": wanted})]


def _plain(rule: PolicyRule) -> dict[str, Any]:
    return rule.model_dump(exclude_defaults=True)
