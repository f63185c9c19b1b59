"""A conversation with tools, put into what every local chat template and grammar can express."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import BaseModel

from aiops.clients.models.dialect import form_of
from aiops.clients.models.errors import ModelError
from aiops.clients.models.grammars import safe_for_grammar
from aiops.clients.models.protocol import Message, ToolCall, ToolSpec
from aiops.clients.models.schemas import inlined

NO_CALL = "none"
"""The name by which a model says that it needs no tool any more."""


def turns(
    messages: Sequence[Message], schema: type[BaseModel] | None, tools: Sequence[ToolSpec]
) -> list[dict[str, str]]:
    """Role and text of each turn. The system's word and results of tools come from the user, and neighbours of one role
    are one turn: some templates know nothing else, and fail."""
    extra = [Message("user", form_of(schema))] if schema else [Message("user", _offer(tools))] if tools else []
    found: list[dict[str, str]] = []
    for message in (*messages, *extra):
        role = "assistant" if message.role == "assistant" else "user"
        text = "\n".join([message.text, *(_spoken(call) for call in message.calls)]).strip()
        if found and found[-1]["role"] == role:
            found[-1]["content"] += f"\n\n{text}"
        else:
            found.append({"role": role, "content": text})
    return found


def grammar_of(schema: type[BaseModel] | None, tools: Sequence[ToolSpec]) -> dict[str, Any] | None:
    """The JSON schema that holds the reply to its form; None: any text. Made from our own schemas alone."""
    if tools:
        nothing = ToolSpec(NO_CALL, "", {"type": "object", "properties": {}})
        return {"anyOf": [_call_form(tool) for tool in (*tools, nothing)]}
    return _safe(schema.model_json_schema()) if schema else None


def read_call(text: str, number: int) -> tuple[ToolCall, ...]:
    """The call in a reply that `grammar_of` some tools held to its form. Raises `ModelError`."""
    try:
        found = orjson.loads(text)
        name, arguments = found["tool"], found["arguments"]
    except (orjson.JSONDecodeError, LookupError, TypeError) as error:
        raise ModelError(f"the reply is no call of a tool: {text[:80]!r}") from error
    return () if name == NO_CALL else (ToolCall(f"call-{number}", name, arguments),)


def _call_form(tool: ToolSpec) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"tool": {"const": tool.name}, "arguments": _safe(tool.parameters)},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _safe(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = safe_for_grammar(inlined(schema))
    return found


def _offer(tools: Sequence[ToolSpec]) -> str:
    listed = "\n".join(f"- {t.name}: {t.description} Arguments: {orjson.dumps(t.parameters).decode()}" for t in tools)
    return f"Call one tool by a JSON object of `tool` and `arguments`, or the tool `{NO_CALL}` to stop:\n{listed}"


def _spoken(call: ToolCall) -> str:
    return orjson.dumps({"tool": call.name, "arguments": call.arguments}).decode()
