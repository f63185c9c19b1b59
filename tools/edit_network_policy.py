"""What a NetworkPolicy lets through."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.patches import diff_patch
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

Rule = dict[str, Any]


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), "NetworkPolicy"))
async def edit_network_policy(
    ctx: Context,
    policy: EntityArg,
    spec: Annotated[dict[str, Any] | None, Field(description="the whole new spec")] = None,
    add_ingress: Annotated[Rule | None, Field(description="a rule to add: from and ports")] = None,
    add_egress: Annotated[Rule | None, Field(description="a rule to add: to and ports")] = None,
) -> list[Edit]:
    """Replace the spec of a NetworkPolicy, or add one rule to it. Takes effect at once; no pod restarts."""
    if (spec is None) == (add_ingress is None and add_egress is None):
        raise RetryWithOtherArgumentsError("arguments: either spec, or add_ingress and add_egress")
    manifest = await read_target(ctx, policy, ("NetworkPolicy",), "policy")
    now = manifest["spec"]
    wanted = spec if spec is not None else _with_rules(now, add_ingress, add_egress)
    return [PatchEdit(target=policy, patch_type="merge", body={"spec": diff_patch(now, wanted)})]


def _with_rules(spec: dict[str, Any], ingress: Rule | None, egress: Rule | None) -> dict[str, Any]:
    """A policy that does not restrict a direction has nothing to add a rule to: the rule would begin to restrict it."""
    types = spec.get("policyTypes", ["Ingress"])
    wanted = dict(spec)
    for direction, rule in (("Ingress", ingress), ("Egress", egress)):
        if rule is None:
            continue
        if direction not in types:
            raise RetryWithOtherArgumentsError(
                f"argument add_{direction.lower()}: the policy does not restrict {direction.lower()}"
            )
        wanted[direction.lower()] = [*(spec.get(direction.lower()) or []), rule]
    return wanted
