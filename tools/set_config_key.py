"""One key of a ConfigMap, and the workloads that read it at their start."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.analysis.state.cluster import uses_config
from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.clock import rfc3339
from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.wellknown import RESTARTED_AT
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

"""The annotation with which `kubectl rollout restart` begins a rollout."""


@tool(
    effect="changes",
    risk=Risk.MEDIUM,
    needs=(*rules(("get", "patch"), "ConfigMap"), *rules(("list", "patch"), *WORKLOAD_KINDS)),
)
async def set_config_key(
    ctx: Context,
    config_map: EntityArg,
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]{1,253}$", description="key of the ConfigMap")],
    value: Annotated[str | None, Field(description="its text; null takes the key away")],
    restart: Annotated[
        bool, Field(description="also replace the pods of the workloads that use the ConfigMap")
    ] = False,
) -> list[Edit]:
    """Create, change or remove a key of a ConfigMap. Containers that read it as environment see it after a restart."""
    manifest = await read_target(ctx, config_map, ("ConfigMap",), "config_map")
    if value is None and key not in (manifest.get("data") or {}):
        raise RetryWithOtherArgumentsError(f"argument key: {config_map} has no key {key!r}")
    if key in (manifest.get("binaryData") or {}):
        raise RetryWithOtherArgumentsError(f"argument key: {key!r} of {config_map} holds binary data")
    edits: list[Edit] = [PatchEdit(target=config_map, patch_type="merge", body={"data": {key: value}})]
    return [*edits, *await _restarts(ctx, config_map)] if restart else edits


async def _restarts(ctx: Context, config_map: Entity) -> list[Edit]:
    """An edit for each workload that uses the ConfigMap; its pods are replaced step by step."""
    annotations = {RESTARTED_AT: rfc3339(await ctx.clock.sync())}
    body = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    return [
        PatchEdit(target=Entity.of(workload), patch_type="merge", body=body)
        for kind in WORKLOAD_KINDS
        for workload in await ctx.kube.list(kind, config_map.namespace)
        if uses_config(workload, config_map)
    ]
