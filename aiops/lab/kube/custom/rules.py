"""`x-kubernetes-validations`: the rules of a schema, judged as apiextensions' `schema/cel` does and in its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.expressions.program import (
    ExpressionError,
    OverBudgetError,
    compiled,
    duration,
    evaluate,
    moment,
    optional,
)
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, invalid_whole, required

Schema = dict[str, Any]

RULES = "x-kubernetes-validations"
LONGEST_MESSAGE = 5120
"""Bytes of what a `messageExpression` may give."""

_BLOCKING = ("FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany",
             "FieldValueTypeInvalid")  # fmt: skip
_MISSING = object()
_OLD = re.compile(r"\boldSelf\b")
_RESERVED = frozenset(
    ("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
     "let", "loop", "package", "namespace", "return", "var", "void", "while")
)  # fmt: skip
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


@dataclass(frozen=True, slots=True)
class Place:
    """A value, the one that it replaces (`_MISSING` where none does), its schema, and where it stands."""

    value: Any
    old: Any
    schema: Schema
    path: str
    root: bool = False


def has_rules(schema: Schema) -> bool:
    """Is there a rule anywhere in a schema?"""
    if schema.get(RULES):
        return True
    inner = [*(schema.get("properties") or {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return any(has_rules(part) for part in [*inner, *(schema.get("allOf") or ())] if isinstance(part, dict))


def stops_rules(wrong: list[Cause]) -> bool:
    """Is an object so wrong that its rules are not judged?"""
    return any(cause.reason in _BLOCKING for cause in wrong)


def unjudged() -> Cause:
    """What is told instead of them."""
    why = "some validation rules were not checked because the object was invalid; correct the existing errors to "
    return invalid_value("<nil>", None, f"{why}complete validation")


def syntax_problem(text: str) -> str:
    """What is wrong with the writing of an expression; empty where it is one."""
    try:
        compiled(text)
    except ExpressionError as error:
        return str(error)
    return ""


def rule_problems(value: Any, old: Any | None, schema: Schema) -> Iterator[Cause]:
    """Every rule that an object breaks; `old` is what it replaces."""
    yield from _all_broken(Place(value, _MISSING if old is None else old, schema, "", root=True))


def part_problems(value: Any, old: Any | None, schema: Schema, path: str) -> Iterator[Cause]:
    """The same for a part of an object, such as its status."""
    yield from _all_broken(Place(value, _MISSING if old is None else old, schema, path))


def _all_broken(place: Place) -> Iterator[Cause]:
    """Up to the rule that the request cannot pay for."""
    with suppress(OverBudgetError):
        yield from _judge(place)


def _judge(place: Place) -> Iterator[Cause]:
    if place.value is None:
        return
    for rule in place.schema.get(RULES) or ():
        yield from _broken(rule, place)
    for part in place.schema.get("allOf") or ():
        yield from _judge(Place(place.value, place.old, part, place.path, place.root))
    for inner in _inner(place):
        yield from _judge(inner)


def _inner(place: Place) -> Iterator[Place]:
    """The values below one, each with the old one that it takes the place of."""
    value, old, schema, path = place.value, place.old, place.schema, place.path
    if isinstance(value, dict):
        known = old if isinstance(old, dict) else {}
        properties, rest = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, item in value.items():
            if name in properties:
                below = f"{path}.{name}" if path else name
                yield Place(item, known.get(name, _MISSING), properties[name], below)
            elif isinstance(rest, dict):
                yield Place(item, known.get(name, _MISSING), rest, f"{path}[{name}]")
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        keys = schema.get("x-kubernetes-list-map-keys") or ()
        before = {_key(item, keys): item for item in old} if keys and isinstance(old, list) else {}
        for index, item in enumerate(value):
            found = before.get(_key(item, keys), _MISSING) if keys else _MISSING
            yield Place(item, found, schema["items"], f"{path}[{index}]")


def _key(item: Any, keys: Any) -> tuple[Any, ...]:
    return tuple(repr(item.get(key)) for key in keys) if isinstance(item, dict) else ()


def _broken(rule: dict[str, Any], place: Place) -> Iterator[Cause]:
    """What a rule has against a value. What cannot be judged is refused."""
    text, maybe = str(rule.get("rule") or ""), bool(rule.get("optionalOldSelf"))
    transition = _OLD.search(text) is not None
    if not text or (transition and place.old is _MISSING and not maybe):
        return
    variables = {"self": _seen(place.value, place.schema, root=place.root)}
    old = None if place.old is _MISSING else _seen(place.old, place.schema, root=place.root)
    variables["oldSelf"] = optional(old) if maybe else old
    try:
        if evaluate(text, variables) is True:
            return
    except OverBudgetError as error:
        yield invalid_value(place.path or "<nil>", place.schema.get("type", ""), str(error))
        raise
    except ExpressionError as error:
        what = str(rule.get("message") or text).strip()
        yield invalid_value(place.path or "<nil>", place.schema.get("type", ""), f"{error} evaluating rule: {what}")
        return
    if not transition and place.old == place.value:
        return  # what was wrong before and is left as it is does not stop other changes
    yield _cause(rule, place, _message(rule, variables))


def _message(rule: dict[str, Any], variables: dict[str, Any]) -> str:
    if wanted := rule.get("messageExpression"):
        try:
            made = str(evaluate(wanted, variables)).strip()
        except ExpressionError:
            made = ""
        if made and "\n" not in made and len(made.encode()) <= LONGEST_MESSAGE:
            return made
    return str(rule["message"]).strip() if rule.get("message") else f"failed rule: {str(rule['rule']).strip()}"


def _cause(rule: dict[str, Any], place: Place, why: str) -> Cause:
    field = str(rule.get("fieldPath") or "")
    path = f"{place.path}{field}".lstrip(".") or "<nil>"
    reason = rule.get("reason")
    if reason == "FieldValueForbidden":
        return forbidden(path, why)
    if reason == "FieldValueRequired":
        return required(path, why)
    if reason == "FieldValueDuplicate":
        return duplicate(path, place.value)
    whole = isinstance(place.value, dict | list)
    return invalid_whole(path, why) if whole else invalid_value(path, place.value, why)


def _seen(value: Any, schema: Schema, *, root: bool = False) -> Any:
    """A value as rules see it: times are times, names that the language cannot hold are written otherwise."""
    if isinstance(value, dict):
        properties, rest = schema.get("properties") or {}, schema.get("additionalProperties")
        if root:
            properties = {"apiVersion": {}, "kind": {}, "metadata": {}, **properties}
        if not properties and isinstance(rest, dict):
            return {name: _seen(item, rest) for name, item in value.items()}
        return {
            _escaped(name): _seen(item, properties[name]) for name, item in value.items() if name in properties
        } or dict(value)
    if isinstance(value, list):
        return [_seen(item, schema.get("items") or {}) for item in value]
    if isinstance(value, str):
        return _text(value, schema.get("format"))
    return float(value) if schema.get("type") == "number" and not isinstance(value, bool) else value


def _text(value: str, form: str | None) -> Any:
    if form not in ("date-time", "duration"):
        return value
    try:
        return moment(from_rfc3339(value)) if form == "date-time" else duration(value)
    except (ValueError, ExpressionError):
        return value


def _escaped(name: str) -> str:
    if name in _RESERVED:
        return f"__{name}__"
    for sign, word in _ESCAPES:
        name = name.replace(sign, word)
    return name
