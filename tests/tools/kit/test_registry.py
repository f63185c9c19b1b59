"""The decorator that makes a tool of a function."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from aiops.core.action import Risk
from aiops.core.entity import Entity
from aiops.core.errors import AiopsError, DuplicateNameError, RetryWithOtherArgumentsError, UnknownNameError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS, Tool, tool
from aiops.tools.kit.results import Result


class Answer(Result):
    """What it was asked."""

    text: str


async def ask(ctx: Context, who: EntityArg, times: Annotated[int, Field(ge=1, description="how often")] = 1) -> Answer:
    """Ask somebody.

    Twice, if need be."""
    return Answer(text=f"{who} password=hunter2 {times}")


def made(effect: Any = "reads") -> Tool[..., Any]:
    return Tool(ask, effect, None, ())


CTX: Any = None
GEO = Entity(kind="Deployment", namespace="hotel", name="geo")


def test_the_signature_is_the_schema():
    schema = made().schema()
    assert schema["required"] == ["who"]
    assert schema["properties"]["times"] == {
        "default": 1,
        "description": "how often",
        "minimum": 1,
        "title": "Times",
        "type": "integer",
    }
    assert made().description == "Ask somebody.\n\nTwice, if need be."
    assert made().returns is Answer


async def test_calls_with_typed_and_with_plain_arguments():
    tool = made()
    assert (await tool(CTX, GEO, times=2)).text == "Deployment/hotel/geo password=[redacted] 2"
    assert (await tool.call(CTX, {"who": "Deployment/hotel/geo", "times": 2})) == await tool(CTX, GEO, 2)
    assert (await tool.call(CTX, {"who": GEO.model_dump()})) == await tool(CTX, GEO)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "ask: argument who: Field required"),
        ({"who": "geo"}, "argument who: .*not an entity .*'geo'"),
        ({"who": "A/b/c", "times": 0}, "argument times: Input should be greater than or equal to 1"),
        ({"who": "A/b/c", "time": 1}, "argument time: Extra inputs are not permitted"),
        ({"who": {"kind": "A"}}, "argument who.name: Field required"),
    ],
)
async def test_what_does_not_fit_is_named(arguments, message):
    with pytest.raises(RetryWithOtherArgumentsError, match=message):
        await made().call(CTX, arguments)


def test_names_are_unique_and_unknown_ones_get_a_hint():
    name = TOOLS.names()[0]
    with pytest.raises(DuplicateNameError, match=name):
        TOOLS.add(name, made())
    with pytest.raises(UnknownNameError, match="did you mean golden_signals"):
        TOOLS.get("golden_signal")


def test_risk_goes_with_effect():
    with pytest.raises(AiopsError, match="risk"):
        tool(effect="changes")
    with pytest.raises(AiopsError, match="risk"):
        tool(effect="reads", risk=Risk.LOW)
