"""Which pods a node takes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

CLUSTERS_OWN = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
"""Taints that the cluster sets and takes off by itself."""


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), "Node"))
async def set_node(
    ctx: Context,
    node: EntityArg,
    unschedulable: Annotated[bool | None, Field(description="true cordons it, false lets pods come again")] = None,
    remove_taint: Annotated[str | None, Field(description="key of the taints to take off")] = None,
) -> list[Edit]:
    """Cordon a node or lift its cordon, or take one taint off it. Pods that run there stay.

    Taints that the cluster sets by itself are left to it: they go when the node is well."""
    manifest = await read_target(ctx, node, ("Node",), "node")
    spec: dict[str, Any] = {}
    if unschedulable is not None:
        spec["unschedulable"] = unschedulable or None
    if remove_taint is not None:
        spec["taints"] = _without(manifest["spec"].get("taints") or [], remove_taint) or None
    if not spec:
        raise RetryWithOtherArgumentsError("arguments unschedulable, remove_taint: one of them must be given")
    return [PatchEdit(target=node, patch_type="merge", body={"spec": spec})]


def _without(taints: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    if key.startswith(CLUSTERS_OWN):
        raise RetryWithOtherArgumentsError(f"argument remove_taint: {key} is the cluster's own")
    kept = [taint for taint in taints if taint.get("key") != key]
    if len(kept) == len(taints):
        raise RetryWithOtherArgumentsError(f"argument remove_taint: the node has no taint {key!r}")
    return kept
