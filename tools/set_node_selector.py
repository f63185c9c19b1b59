"""On which nodes the pods of a workload may run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.entity import WORKLOAD_KINDS
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.patches import diff_patch
from aiops.tools.kit.registry import tool
from aiops.tools.kit.workload import CHANGE_TEMPLATE, read_target


@tool(effect="changes", risk=Risk.MEDIUM, needs=CHANGE_TEMPLATE)
async def set_node_selector(
    ctx: Context,
    workload: EntityArg,
    selector: Annotated[dict[str, str], Field(description="the labels that a node must have; empty: any node will do")],
) -> list[Edit]:
    """Set the node selector of a workload's pods as a whole. Its pods are replaced step by step."""
    manifest = await read_target(ctx, workload, WORKLOAD_KINDS, "workload")
    now = manifest["spec"]["template"]["spec"].get("nodeSelector") or {}
    wanted = diff_patch(now, selector) if selector else None
    body = {"spec": {"template": {"spec": {"nodeSelector": wanted}}}}
    return [PatchEdit(target=workload, patch_type="merge", body=body)]
