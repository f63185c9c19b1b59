"""The `@tool` decorator: a function's signature becomes its schema, its docstring what people and models read."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from aiops.core.action import AccessRule, Risk
from aiops.core.errors import AiopsError, RetryWithOtherArgumentsError
from aiops.core.registry import Registry
from aiops.tools.kit.context import Context
from aiops.tools.kit.redaction import redact_model

P = ParamSpec("P")
R = TypeVar("R")
Effect = Literal["reads", "changes"]


class Tool(Generic[P, R]):
    """One typed operation.

    Call it as the function that it was, or by `call` with arguments as JSON. What a reading tool returns is a bounded
    `Result` without secrets. A changing tool is a planner: it returns the edits that it would make and writes nothing.
    """

    def __init__(
        self,
        function: Callable[Concatenate[Context, P], Awaitable[R]],
        effect: Effect,
        risk: Risk | None,
        needs: Sequence[AccessRule],
    ) -> None:
        self.name = function.__name__
        self.description = inspect.cleandoc(function.__doc__ or "")
        self.effect = effect
        self.risk = risk
        self.needs = tuple(needs)
        self._function = function
        self._arguments: type[BaseModel] | None = None

    @property
    def arguments(self) -> type[BaseModel]:
        """The model of the arguments, made at first use."""
        if self._arguments is None:
            self._arguments = _arguments_model(self.name, self._function)
        return self._arguments

    @property
    def returns(self) -> Any:
        """The type of the result."""
        return get_type_hints(self._function, include_extras=True)["return"]

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self.arguments.model_json_schema()

    async def __call__(self, ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        result = await self._function(ctx, *args, **kwargs)
        if self.effect == "reads" and isinstance(result, BaseModel):
            return redact_model(result)
        return result

    async def call(self, ctx: Context, arguments: dict[str, Any]) -> R:
        """Call with arguments from outside.

        Raises `RetryWithOtherArgumentsError` naming each argument that does not fit the schema."""
        try:
            checked = self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise RetryWithOtherArgumentsError(f"{self.name}: {_faults(error)}") from error
        values = {name: getattr(checked, name) for name in type(checked).model_fields}
        return await self(ctx, **values)  # type: ignore[call-arg]  # the model was made from the signature


TOOLS: Registry[Tool[..., Any]] = Registry("tool", "aiops.tools")


def tool(
    *, effect: Effect, risk: Risk | None = None, needs: Sequence[AccessRule] = ()
) -> Callable[[Callable[Concatenate[Context, P], Awaitable[R]]], Tool[P, R]]:
    """Register a function as a tool. `needs` are the rights that it uses; a changing tool also has a `risk`."""
    if (risk is None) == (effect == "changes"):
        raise AiopsError("a tool that changes something has a risk, and one that reads has none")

    def register(function: Callable[Concatenate[Context, P], Awaitable[R]]) -> Tool[P, R]:
        made = Tool(function, effect, risk, needs)
        TOOLS.add(made.name, made)
        return made

    return register


def _arguments_model(name: str, function: Callable[..., Any]) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    return create_model(name, __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _faults(error: ValidationError) -> str:
    return "; ".join(f"argument {'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
