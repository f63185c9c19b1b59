"""What every language model offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from aiops.clients.models.budget import Budget

CALL_SECONDS = 8.0
"""What one call costs on a virtual clock, in simulated seconds: about what a hosted model takes for a short answer."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it. `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for. `problem` says why the arguments could not be read; empty: they could."""

    id: str
    name: str
    arguments: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. A `tool` message answers the call `call_id`."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said. `parsed` is an instance of the schema that was asked for. `seconds` are wall seconds."""

    text: str
    parsed: BaseModel | None
    tool_calls: tuple[ToolCall, ...]
    tokens_in: int
    tokens_out: int
    seconds: float


class Model(Protocol):
    """A chat model. `name` stands in every note about what it said."""

    @property
    def name(self) -> str: ...

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: type[BaseModel] | None = None,
        tools: Sequence[ToolSpec] = (),
        max_tokens: int,
        budget: Budget,
    ) -> Reply:
        """One reply of at most `max_tokens` tokens, paid from `budget`, also where the reply is of no use.

        With `schema`, the reply is one JSON object that fits it. With `tools`, it may be calls instead of text.
        Raises `ModelError`, and `BudgetSpentError` before anything is sent where the budget does not allow the call.
        """
        ...

    async def close(self) -> None: ...
