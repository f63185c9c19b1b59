"""Argument types that several tools share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from aiops.core.entity import Entity
from aiops.core.errors import InvalidInputError, RetryWithOtherArgumentsError
from aiops.tools.kit.context import Context


def _entity(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return Entity.parse(value)
    except InvalidInputError as error:
        raise ValueError(str(error)) from error


EntityArg = Annotated[
    Entity,
    BeforeValidator(_entity, json_schema_input_type=str | Entity),
    Field(description="an object, as text `kind/namespace/name` or as an object of these three"),
]
Limit = Annotated[int, Field(ge=1, le=500, description="most items to return")]
Namespace = Annotated[str, Field(description="one namespace; empty: all that may be looked at")]


def check_kind(entity: Entity, kinds: tuple[str, ...], argument: str) -> None:
    """Raise `RetryWithOtherArgumentsError` where `entity` is of another kind."""
    if entity.kind not in kinds:
        raise RetryWithOtherArgumentsError(f"argument {argument}: {entity} must be a {' or '.join(kinds)}")


def check_allowed(ctx: Context, entity: Entity) -> None:
    """Raise `RetryWithOtherArgumentsError` where the namespace of `entity` may not be looked at."""
    ctx.scope(entity.namespace)
