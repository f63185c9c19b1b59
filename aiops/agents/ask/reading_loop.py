"""What a model reads before it answers: tools that only read, a bounded number of them, each result kept with an id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel

from aiops.clients.models.protocol import ToolCall, ToolSpec
from aiops.clients.models.schemas import inlined
from aiops.clients.models.untrusted import clipped, data_block
from aiops.core.answer import Citation
from aiops.core.errors import (
    InvalidInputError,
    RemoteError,
    ToolError,
    UnknownNameError,
)
from aiops.core.evidence import Query
from aiops.core.redaction import redact_text
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS, Tool

MOST_CALLS = 12
"""Calls of tools for one question, also those that failed."""

MOST_TEXT = 5_000
"""Characters of one result that a model gets to see."""

MOST_SUMMARY = 160

REFUSALS = (ToolError, RemoteError, InvalidInputError, UnknownNameError)


def reading_tools() -> list[Tool[..., Any]]:
    """The tools that a model may call: those that read."""
    return [tool for tool in TOOLS if tool.effect == "reads"]


def tool_specs() -> list[ToolSpec]:
    """The same as a model sees them: the signature is the schema, the docstring the description."""
    return [ToolSpec(tool.name, tool.description, inlined(tool.schema())) for tool in reading_tools()]


@dataclass(slots=True)
class Readings:
    """The results so far. `shown` is all text that the model got to see."""

    ctx: Context
    citations: dict[str, Citation] = field(default_factory=dict)
    shown: str = ""
    calls: int = 0
    _made: dict[str, str] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """May no more tools be called?"""
        return self.calls >= MOST_CALLS

    async def answer(self, call: ToolCall) -> str:
        """What the model is told about its call; never an exception but `ClusterUnreachableError`."""
        self.calls += 1
        if call.problem:
            return f"Error: {call.problem}."
        if self.calls > MOST_CALLS:
            return "Error: that were too many calls; answer with what you have."
        key = orjson.dumps([call.name, call.arguments], option=orjson.OPT_SORT_KEYS).decode()
        if key in self._made:
            return f"This was read already: see {self._made[key]}."
        try:
            tool = TOOLS.get(call.name)
            if tool.effect != "reads":
                return f"Error: {call.name} changes something; only reading is possible here."
            result = await tool.call(self.ctx, call.arguments)
        except REFUSALS as error:
            return data_block("error", redact_text(str(error)), MOST_TEXT)
        return self._keep(key, tool, call, result)

    def _keep(self, key: str, tool: Tool[..., Any], call: ToolCall, result: Any) -> str:
        identity = f"r{len(self.citations) + 1}"
        text = redact_text(_text(result))
        self._made[key] = identity
        self.shown += f"\n{text[:MOST_TEXT]}"
        self.citations[identity] = Citation(
            id=identity,
            query=Query(tool=tool.name, arguments=call.arguments),
            summary=clipped(f"{tool.name}: {text}", MOST_SUMMARY),
        )
        return f"Reading {identity}, {tool.name}:\n{data_block(identity, text, MOST_TEXT)}"


def _text(result: Any) -> str:
    """A result as compact JSON. What has its default value says nothing."""
    body = result.model_dump(mode="json", exclude_defaults=True) if isinstance(result, BaseModel) else result
    return orjson.dumps(_compact(body), option=orjson.OPT_NON_STR_KEYS).decode()


def _compact(value: Any) -> Any:
    """Objects of the cluster as `kind/namespace/name`: as tools take them, and in a third of the tokens."""
    if isinstance(value, list):
        return [_compact(item) for item in value]
    if not isinstance(value, dict):
        return value
    if {"kind", "name"} <= value.keys() <= {"kind", "name", "namespace"}:
        return f"{value['kind']}/{value.get('namespace', '')}/{value['name']}"
    return {key: _compact(item) for key, item in value.items()}
