"""The rules of a Role: grants are narrow, or not made here."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.entity import Manifest
from aiops.core.errors import NotPossibleError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules as rights
from aiops.tools.kit.workload import read_target

ANY = "*"
ESCALATING = frozenset({"escalate", "bind", "impersonate"})
"""Verbs with which an account can give itself other rights."""

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
    """Replace the rules of a Role. New wildcards and rights to widen rights are refused. No pod restarts.

    The API server lets an account grant only the rights that it holds itself."""
    manifest = await read_target(ctx, role, ("Role",), "role")
    now: list[Manifest] = manifest.get("rules") or []
    wanted = [_plain(rule) for rule in rules]
    for rule in wanted:
        if rule not in map(_normal, now) and (why := too_wide(rule)):
            raise NotPossibleError(f"{role}: {why} is not granted here; a person who may has to do it")
    return [PatchEdit(target=role, patch_type="merge", body={"rules": wanted})]


def too_wide(rule: Manifest) -> str:
    """What of a rule must not be granted by a machine; empty where nothing is."""
    for part in ("apiGroups", "resources", "verbs"):
        if any(ANY in value for value in rule.get(part) or ()):
            return f"a wildcard in {part}"
    risky = sorted(ESCALATING.intersection(rule.get("verbs") or ()))
    return f"the verb {risky[0]}" if risky else ""


def _plain(rule: PolicyRule) -> dict[str, Any]:
    return rule.model_dump(exclude_defaults=True)


def _normal(rule: Manifest) -> Manifest:
    return {key: value for key, value in rule.items() if value}
