"""An environment variable of one container."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from aiops.core.action import Edit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.workload import CHANGE_TEMPLATE, patch_container, read_container


@tool(effect="changes", risk=Risk.MEDIUM, needs=CHANGE_TEMPLATE)
async def set_env(
    ctx: Context,
    workload: EntityArg,
    container: str,
    name: Annotated[str, Field(pattern=r"^[-._a-zA-Z][-._a-zA-Z0-9]*$", description="name of the variable")],
    value: Annotated[str | None, Field(description="its value; null takes the variable away")],
) -> list[Edit]:
    """Set or remove an environment variable of one container. Its pods are replaced step by step."""
    found = await read_container(ctx, workload, container)
    now = next((item for item in found.get("env") or [] if item["name"] == name), None)
    if value is None and now is None:
        raise RetryWithOtherArgumentsError(f"argument name: container {container} has no variable {name!r}")
    item: dict[str, Any] = {"name": name, "$patch": "delete"}
    if value is not None:
        item = {"name": name, "value": value}
        if now is not None and "valueFrom" in now:
            item["valueFrom"] = None  # a variable cannot have a value and take it from elsewhere too
    return patch_container(workload, container, {"env": [item]})
