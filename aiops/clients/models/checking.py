"""Does a model do what we need of one: answer, keep to a form, call tools, and how quickly?"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from aiops.clients.models.budget import Budget
from aiops.clients.models.endpoint import EndpointModel
from aiops.clients.models.errors import ModelError
from aiops.clients.models.local import LocalModel
from aiops.clients.models.protocol import Message, Model, Reply, ToolSpec
from aiops.core.model import Value

TOKENS = 10_000
"""What the whole check may take at most."""

PROSE = 128
"""Tokens of the reply by which speed is measured."""


class Colour(BaseModel):
    """A form that is easy to fill in."""

    model_config = ConfigDict(extra="forbid")
    colour: Literal["red", "green", "blue"]


LAMP = ToolSpec(
    "set_lamp",
    "Switch the lamp on or off.",
    {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"], "additionalProperties": False},
)


class ModelCheck(Value):
    """What was found. `offered` are the names that the endpoint lists; None: it has no list, or is a file.

    `tokens_per_second` counts what came back against the time of the whole call, reading the prompt included.
    `problems` are sentences; a model without tools can give second opinions, and cannot answer questions.
    """

    model: str
    place: str
    reachable: bool
    offered: tuple[str, ...] | None = None
    json_output: bool = False
    tool_calls: bool = False
    tokens_per_second: float | None = None
    tokens: int = 0
    problems: tuple[str, ...] = ()


async def check_model(model: EndpointModel | LocalModel) -> ModelCheck:
    """Four short calls. Never raises for what the model does; the problems say it."""
    budget, problems = Budget(TOKENS), list[str]()
    if await _tried(model, budget, problems, "answer", None, ()) is None:  # also waits until a file is loaded
        return ModelCheck(model=model.name, place=model.place, reachable=False, problems=tuple(problems))
    prose = await _tried(model, budget, problems, "text", None, ())
    formed = await _tried(model, budget, problems, "JSON", Colour, ())
    called = await _tried(model, budget, problems, "tools", None, (LAMP,))
    calls_tools = called is not None and any(c.name == LAMP.name and not c.problem for c in called.tool_calls)
    if called is not None and not calls_tools:
        problems.append("tools: it answered without calling the tool that it was told to call")
    return ModelCheck(
        model=model.name,
        place=model.place,
        reachable=True,
        offered=await _offered(model, problems),
        json_output=formed is not None and formed.parsed is not None,
        tool_calls=calls_tools,
        tokens_per_second=round(prose.tokens_out / prose.seconds, 1) if prose and prose.seconds else None,
        tokens=budget.usage.tokens,
        problems=tuple(problems),
    )


ASKED = {
    "answer": "Say yes.",
    "text": "Count from one to twenty in words.",
    "JSON": 'Which colour has grass? Reply with a JSON object such as {"colour": "red"}.',
    "tools": "Switch the lamp on by calling the tool set_lamp.",
}


async def _tried(
    model: Model,
    budget: Budget,
    problems: list[str],
    what: str,
    schema: type[BaseModel] | None,
    tools: tuple[ToolSpec, ...],
) -> Reply | None:
    try:
        messages = [Message("user", ASKED[what])]
        return await model.complete(messages, schema=schema, tools=tools, max_tokens=PROSE, budget=budget)
    except ModelError as error:
        problems.append(f"{what}: {error}")
        return None


async def _offered(model: EndpointModel | LocalModel, problems: list[str]) -> tuple[str, ...] | None:
    if not isinstance(model, EndpointModel):
        return None
    try:
        offered = tuple(await model.offered())
    except ModelError:
        return None  # many proxies have no list, and nothing of ours needs it
    if model.name not in offered:
        problems.append(f"the server's list of models does not name {model.name}")
    return offered
