"""What an OpenAI-compatible server understands: servers differ in three parameters, and say so with an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from pydantic import BaseModel

from aiops.clients.models.protocol import Message, ToolCall, ToolSpec
from aiops.clients.models.schemas import inlined

NOT_UNDERSTOOD = frozenset({400, 404, 415, 422, 500, 501})
"""Statuses by which servers refuse a parameter; llama.cpp's Python server answers 500 to a JSON schema."""

BAD_PARAMETER = frozenset({400, 422})
SEED = 0


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which of the three the server takes: output by JSON schema, `max_tokens` by its old name, a temperature."""

    json_schema: bool = True
    old_limit: bool = True
    temperature: bool = True

    def milder(self, status: int, message: str, *, schema: bool) -> Dialect | None:
        """The dialect to try after this refusal; None where the error speaks of something else."""
        if status in BAD_PARAMETER and self.old_limit and "max_tokens" in message:
            return replace(self, old_limit=False)
        if status in BAD_PARAMETER and self.temperature and "temperature" in message:
            return replace(self, temperature=False)
        if status in NOT_UNDERSTOOD and schema and self.json_schema:
            return replace(self, json_schema=False)
        return None

    def request(
        self,
        model: str,
        messages: Sequence[Message],
        schema: type[BaseModel] | None,
        tools: Sequence[ToolSpec],
        max_tokens: int,
    ) -> dict[str, Any]:
        """The body of a chat completion."""
        body: dict[str, Any] = {
            "model": model,
            "messages": [_message(message) for message in messages],
            "max_tokens" if self.old_limit else "max_completion_tokens": max_tokens,
            "seed": SEED,
        }
        if self.temperature:
            body["temperature"] = 0
        if tools:
            body["tools"] = [_tool(tool) for tool in tools]
        if schema is not None and self.json_schema:
            body["response_format"] = _json_output(schema)
        elif schema is not None:
            body["messages"].append({"role": "user", "content": form_of(schema)})
        return body


def form_of(schema: type[BaseModel]) -> str:
    """The form of the reply in words, for a model whose server cannot hold it to one."""
    text = orjson.dumps(inlined(schema.model_json_schema())).decode()
    return f"Reply with one JSON object and nothing else. It must fit this JSON schema:\n{text}"


def _json_output(schema: type[BaseModel]) -> dict[str, Any]:
    form = {"name": schema.__name__, "strict": True, "schema": inlined(schema.model_json_schema())}
    return {"type": "json_schema", "json_schema": form}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _message(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role, "content": message.text}  # never null: some servers fail on it
    if message.calls:
        body["tool_calls"] = [_call(call) for call in message.calls]
    if message.call_id:
        body["tool_call_id"] = message.call_id
    return body


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": orjson.dumps(call.arguments).decode()}
    return {"id": call.id, "type": "function", "function": function}
