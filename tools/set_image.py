"""Another image for one container."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.workload import CHANGE_TEMPLATE, patch_container, read_container


@tool(effect="changes", risk=Risk.MEDIUM, needs=CHANGE_TEMPLATE)
async def set_image(
    ctx: Context,
    workload: EntityArg,
    container: str,
    image: Annotated[str, Field(min_length=1, pattern=r"^\S+$", description="image reference with tag or digest")],
) -> list[Edit]:
    """Set the image of one container of a Deployment, StatefulSet or DaemonSet. Its pods are replaced step by step."""
    await read_container(ctx, workload, container)
    return patch_container(workload, container, {"image": image})
