"""From which key of its ConfigMap or Secret a variable takes its value."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from aiops.core.action import Edit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.workload import CHANGE_TEMPLATE, patch_container, read_container

SOURCES = ("configMapKeyRef", "secretKeyRef")


@tool(effect="changes", risk=Risk.MEDIUM, needs=CHANGE_TEMPLATE)
async def set_env_key(
    ctx: Context,
    workload: EntityArg,
    container: str,
    name: Annotated[str, Field(pattern=r"^[-._a-zA-Z][-._a-zA-Z0-9]*$", description="name of the variable")],
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$", description="a key of the object that it refers to now")],
) -> list[Edit]:
    """Take a variable that refers to a ConfigMap or Secret from another key of the same object. The pods are replaced
    step by step. No value is read."""
    found = await read_container(ctx, workload, container)
    field, reference = _reference(next((item for item in found.get("env") or [] if item["name"] == name), None))
    if reference is None:
        raise RetryWithOtherArgumentsError(
            f"argument name: {name!r} of container {container} refers to no key of a ConfigMap or Secret"
        )
    if reference.get("key") == key:
        raise RetryWithOtherArgumentsError(f"argument key: {name} is taken from {key!r} already")
    return patch_container(workload, container, {"env": [{"name": name, "valueFrom": {field: {"key": key}}}]})


def _reference(variable: dict[str, Any] | None) -> tuple[str, dict[str, Any] | None]:
    source = (variable or {}).get("valueFrom") or {}
    return next(((field, source[field]) for field in SOURCES if source.get(field)), ("", None))
