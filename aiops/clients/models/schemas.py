"""JSON schemas in the plain form that every server and grammar understands, and replies read by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from aiops.clients.models.errors import ModelError
from aiops.core.errors import InvalidInputError

T = TypeVar("T", bound=BaseModel)

DEEPEST = 16
"""Levels of references that are followed; a schema that refers to itself has no end."""

_REF = "#/$defs/"
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*?)```", re.DOTALL)


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without `$ref`: each is replaced by what it refers to.

    Raises `InvalidInputError` where it refers to itself or outside."""
    found: dict[str, Any] = _resolved(schema, schema.get("$defs", {}), 0)
    found.pop("$defs", None)
    return found


def read_reply(text: str, schema: type[T]) -> T:
    """The JSON object in a model's text: the whole of it, in a fence, or between words; thoughts are left out.

    Raises `ModelError` saying what is wrong with the object that comes nearest."""
    problem = "it holds no JSON object"
    for candidate in _objects(_THOUGHT.sub("", text)):
        try:
            return schema.model_validate(candidate)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            problem = f"{where or 'the object'}: {first['msg']}"
    raise ModelError(f"the reply is not of the form that was asked for: {problem}")


def _objects(text: str) -> Iterator[dict[str, Any]]:
    outer = text[text.find("{") : text.rfind("}") + 1]
    for part in (text, *_FENCE.findall(text), outer):
        try:
            value = orjson.loads(part)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            yield value


def _resolved(part: Any, definitions: dict[str, Any], depth: int) -> Any:
    if isinstance(part, list):
        return [_resolved(item, definitions, depth) for item in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if not isinstance(reference, str):
        return {key: _resolved(item, definitions, depth) for key, item in part.items() if key != "$defs"}
    name = reference.removeprefix(_REF)
    if depth >= DEEPEST or name not in definitions:
        raise InvalidInputError(f"a schema refers to itself or to what is not there: {reference}")
    beside = {key: item for key, item in part.items() if key != "$ref"}
    merged: dict[str, Any] = _resolved({**definitions[name], **beside}, definitions, depth + 1)
    return merged
