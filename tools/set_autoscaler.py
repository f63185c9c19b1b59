"""The bounds of a HorizontalPodAutoscaler."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

Bound = Annotated[int | None, Field(ge=1, le=1000, description="pods; left as it is where not given")]


@tool(effect="changes", risk=Risk.LOW, needs=rules(("get", "patch"), "HorizontalPodAutoscaler"))
async def set_autoscaler(
    ctx: Context, autoscaler: EntityArg, min_replicas: Bound = None, max_replicas: Bound = None
) -> list[Edit]:
    """Set the least and the most replicas to which a HorizontalPodAutoscaler may scale."""
    manifest = await read_target(ctx, autoscaler, ("HorizontalPodAutoscaler",), "autoscaler")
    given = {"minReplicas": min_replicas, "maxReplicas": max_replicas}
    bounds = {name: value for name, value in given.items() if value is not None}
    if not bounds:
        raise RetryWithOtherArgumentsError("arguments min_replicas, max_replicas: one of them must be given")
    wanted = {**manifest["spec"], **bounds}
    least, most = wanted.get("minReplicas", 1), wanted["maxReplicas"]
    if least > most:
        raise RetryWithOtherArgumentsError(f"arguments: at least {least} and at most {most} replicas contradict")
    return [PatchEdit(target=autoscaler, patch_type="merge", body={"spec": bounds})]
