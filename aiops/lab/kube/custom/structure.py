"""Is a schema structural: does it say of every part of an object what it is? In apiextensions' words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.custom.rules import RULES, syntax_problem
from aiops.lab.kube.custom.validation import INT_OR_STRING, schema_problems
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value, not_supported, required

Schema = dict[str, Any]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_LIST_TYPE, _LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"
_NOT_SUPPORTED = ("$ref", "definitions", "dependencies", "deprecated", "discriminator", "id", "patternProperties",
                  "readOnly", "writeOnly", "xml")  # fmt: skip
_OF_METADATA = frozenset(("name", "generateName"))


def structure_problems(schema: Schema, path: str) -> Iterator[Cause]:
    """Every wrong part of the schema of a version; whether it is structural is asked of one without other faults."""
    wrong = list(_part(schema, path))
    yield from wrong
    if wrong:
        return
    if not schema.get("type"):
        yield required(f"{path}.type", "must not be empty at the root")
    elif schema["type"] != "object":
        yield invalid_value(f"{path}.type", schema["type"], "must be object at the root")
    yield from _structure(schema, path)
    metadata = (schema.get("properties") or {}).get("metadata") or {}
    if set(metadata.get("properties") or ()) - _OF_METADATA:
        why = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield forbidden(f"{path}.properties[metadata]", why)


def _rules(schema: Schema, path: str) -> Iterator[Cause]:
    """Rules that are empty, or no expressions. What an expression names is looked up when it is first judged."""
    for index, rule in enumerate(schema.get(RULES) or ()):
        place, text = f"{path}.{RULES}[{index}]", str(rule.get("rule") or "")
        if not text.strip():
            yield required(f"{place}.rule", "rule is not specified")
        for field, written in (("rule", text), ("messageExpression", str(rule.get("messageExpression") or ""))):
            if written.strip() and (why := syntax_problem(written)):
                yield invalid_value(f"{place}.{field}", rule, why)


def _part(schema: Schema, path: str) -> Iterator[Cause]:
    yield from _rules(schema, path)
    kind = schema.get("type")
    if kind and kind not in _TYPES:
        yield not_supported(f"{path}.type", kind, _TYPES)
    for name in _NOT_SUPPORTED:
        if name in schema:
            yield forbidden(f"{path}.{name}", f"{name} is not supported")
    if schema.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", why)
    if schema.get("properties") and schema.get("additionalProperties") is not None:
        why = "additionalProperties and properties are mutual exclusive"
        yield forbidden(f"{path}.additionalProperties", why)
    yield from _pattern(schema.get("pattern"), f"{path}.pattern")
    yield from _lists(schema, path)
    for where, part in _children(schema, path):
        yield from _part(part, where)


def _structure(schema: Schema, path: str) -> Iterator[Cause]:
    """Types everywhere, items of every list, defaults that fit."""
    for where, part in _children(schema, path):
        if not part.get("type") and not part.get(INT_OR_STRING) and not part.get(_PRESERVE):
            what = "array items" if where.endswith(".items") else "object fields"
            yield required(f"{where}.type", f"must not be empty for specified {what}")
        yield from _structure(part, where)
    if schema.get("type") == "array" and not isinstance(schema.get("items"), dict):
        yield required(f"{path}.items", "must be specified")
    if "default" in schema:
        for cause in schema_problems(schema["default"], schema):
            inner = f".{cause.field}" if cause.field not in ("", "<nil>") else ""
            yield Cause(cause.reason, cause.message, f"{path}.default{inner}")


def _children(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    for name, part in sorted((schema.get("properties") or {}).items()):
        yield f"{path}.properties[{name}]", part
    for field in ("additionalProperties", "items"):
        if isinstance(schema.get(field), dict):
            yield f"{path}.{field}", schema[field]


def _pattern(pattern: str | None, path: str) -> Iterator[Cause]:
    try:
        re.compile((pattern or "").replace("\\z", "\\Z"))
    except re.error as error:
        why = f"must be a valid regular expression, but isn't: error parsing regexp: {_go_words(error)}: `{pattern}`"
        yield invalid_value(path, pattern, why)


def _go_words(error: re.error) -> str:
    """The commonest complaint as Go puts it."""
    return "missing closing )" if "unterminated subpattern" in error.msg else error.msg


def _lists(schema: Schema, path: str) -> Iterator[Cause]:
    kind, keys = schema.get(_LIST_TYPE), schema.get(_LIST_KEYS) or []
    if kind is not None and kind not in ("atomic", "set", "map"):
        yield not_supported(f"{path}.{_LIST_TYPE}", kind, ("atomic", "set", "map"))
    if keys and kind != "map":
        why = "must be map if x-kubernetes-list-map-keys is non-empty"
        yield (
            required(f"{path}.{_LIST_TYPE}", why) if kind is None else invalid_value(f"{path}.{_LIST_TYPE}", kind, why)
        )
    if kind == "map":
        properties = (schema.get("items") or {}).get("properties") or {}
        if not keys:
            yield required(f"{path}.{_LIST_KEYS}", "must not be empty if x-kubernetes-list-type is map")
        if any(key not in properties for key in keys):
            yield invalid_value(f"{path}.{_LIST_KEYS}", keys, "entries must all be names of item properties")
