"""CPU and memory of one container."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, Risk
from aiops.core.errors import InvalidInputError, RetryWithOtherArgumentsError
from aiops.core.quantity import parse_quantity
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.workload import CHANGE_TEMPLATE, patch_container, read_container

Quantities = Annotated[
    dict[str, str | None],
    Field(description='by resource, such as {"memory": "256Mi", "cpu": "500m"}; null takes it away'),
]


@tool(effect="changes", risk=Risk.MEDIUM, needs=CHANGE_TEMPLATE)
async def set_resources(
    ctx: Context,
    workload: EntityArg,
    container: str,
    requests: Quantities | None = None,
    limits: Quantities | None = None,
) -> list[Edit]:
    """Set resource requests and limits of one container, leaving the others. Its pods are replaced step by step."""
    named = {part: values for part, values in (("requests", requests), ("limits", limits)) if values}
    if not named:
        raise RetryWithOtherArgumentsError("arguments requests, limits: one of them must name a resource")
    for part, values in named.items():
        for resource, quantity in values.items():
            _check(f"{part}.{resource}", quantity)
    await read_container(ctx, workload, container)
    return patch_container(workload, container, {"resources": named})


def _check(argument: str, quantity: str | None) -> None:
    if quantity is None:
        return
    try:
        amount = parse_quantity(quantity)
    except InvalidInputError as error:
        raise RetryWithOtherArgumentsError(f"argument {argument}: {error}") from error
    if amount <= 0:
        raise RetryWithOtherArgumentsError(f"argument {argument}: {quantity!r} must be more than zero")
