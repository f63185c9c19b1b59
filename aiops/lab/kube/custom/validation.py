"""Checks of objects against a structural schema, in the words of kube-openapi's validation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from aiops.lab.kube.custom.formats import fits
from aiops.lab.kube.custom.pruning import EMBEDDED
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import (
    duplicate,
    invalid_value,
    not_supported,
    required,
    too_long,
    too_many,
    type_invalid,
)

Schema = dict[str, Any]

INT_OR_STRING = "x-kubernetes-int-or-string"
_LIST_TYPE, _LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"


def schema_problems(value: Any, schema: Schema, path: str = "") -> Iterator[Cause]:
    """Every way in which a value does not fit a schema, then every repeated entry of its sets and maps."""
    yield from _check(value, schema, path)
    yield from _repeated(value, schema, path)


def _check(value: Any, schema: Schema, path: str) -> Iterator[Cause]:
    if value is None and schema.get("nullable"):
        return
    wanted = _types(schema)
    if wanted and not any(_is(value, kind) for kind in wanted):
        found = type_name(value)
        why = f'{path} in body must be of type {",".join(wanted)}: "{found}"'
        yield Cause("FieldValueTypeInvalid", f'Invalid value: "{found}": {why}', path or "<nil>")
        return
    yield from _combined(value, schema, path)
    if isinstance(value, str):
        yield from _text(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, path)
    elif isinstance(value, list):
        yield from _list(value, schema, path)
    if "enum" in schema and value not in schema["enum"]:
        yield not_supported(path, value, [item if isinstance(item, str) else str(item) for item in schema["enum"]])
    if isinstance(value, dict):
        yield from _object(value, schema, path)


def _types(schema: Schema) -> list[str]:
    if schema.get(INT_OR_STRING):
        return ["integer", "string"]
    kind = schema.get("type")
    return [kind] if kind else []


def type_name(value: Any) -> str:
    """As JSON schema calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _is(value: Any, kind: str) -> bool:
    found = type_name(value)
    return found == kind or (kind == "number" and found == "integer")


def _combined(value: Any, schema: Schema, path: str) -> Iterator[Cause]:
    """`anyOf`, `oneOf`, `allOf` and `not`; the first wrong branch is told where none fits."""
    shown = f'"{path}"'
    if "anyOf" in schema and not any(_fits(value, part, path) for part in schema["anyOf"]):
        yield _of_all(f"{shown} must validate at least one schema (anyOf)")
        yield from _best(value, schema["anyOf"], path)
    if "oneOf" in schema:
        right = sum(_fits(value, part, path) for part in schema["oneOf"])
        if right != 1:
            found = f"{right} valid alternatives" if right else "none valid"
            yield _of_all(f"{shown} must validate one and only one schema (oneOf). Found {found}")
        if not right:
            yield from _best(value, schema["oneOf"], path)
    for part in schema.get("allOf") or ():
        wrong = list(_check(value, part, path))
        if wrong:
            yield _of_all(f"{shown} must validate all the schemas (allOf)")
            yield from wrong
            break
    if "not" in schema and _fits(value, schema["not"], path):
        yield _of_all(f"{shown} must not validate the schema (not)")


def _of_all(why: str) -> Cause:
    return Cause("FieldValueInvalid", f'Invalid value: "": {why}', "<nil>")


def _fits(value: Any, schema: Schema, path: str) -> bool:
    return next(_check(value, schema, path), None) is None


def _best(value: Any, schemas: list[Schema], path: str) -> list[Cause]:
    """What is wrong with the branch that fits best; the first of several."""
    return min((list(_check(value, part, path)) for part in schemas), key=len, default=[])


def _text(value: str, schema: Schema, path: str) -> Iterator[Cause]:
    least, most, pattern = schema.get("minLength"), schema.get("maxLength"), schema.get("pattern")
    if most is not None and len(value) > most:
        yield too_long(path, most)
    elif least is not None and len(value) < least:
        yield invalid_value(path, value, f"{path} in body should be at least {least} chars long")
    elif pattern and not _pattern(pattern).search(value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")
    name = schema.get("format")
    if name and not fits(value, name):
        yield type_invalid(path, value, f'{path} in body must be of type {name}: "{value}"')


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    """A pattern as Go writes it; one that Python can't read matches everything."""
    try:
        return re.compile(text.replace("\\z", "\\Z"))
    except re.error:
        return re.compile("")


def _number(value: float, schema: Schema, path: str) -> Iterator[Cause]:
    part = schema.get("multipleOf")
    if part and abs(value / part - round(value / part)) > 1e-9:
        yield invalid_value(path, value, f"{path} in body should be a multiple of {_plain(part)}")
    most, least = schema.get("maximum"), schema.get("minimum")
    if most is not None and (value >= most if schema.get("exclusiveMaximum") else value > most):
        bound = "less than" if schema.get("exclusiveMaximum") else "less than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {bound} {_plain(most)}")
    if least is not None and (value <= least if schema.get("exclusiveMinimum") else value < least):
        bound = "greater than" if schema.get("exclusiveMinimum") else "greater than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {bound} {_plain(least)}")


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _list(value: list[Any], schema: Schema, path: str) -> Iterator[Cause]:
    least, most = schema.get("minItems"), schema.get("maxItems")
    if isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _check(item, schema["items"], f"{path}[{index}]")
    if least is not None and len(value) < least:
        yield invalid_value(path, len(value), f"{path} in body should have at least {least} items")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    if schema.get("uniqueItems") and any(item in value[:index] for index, item in enumerate(value)):
        yield duplicate(path, "")


def _object(value: dict[str, Any], schema: Schema, path: str) -> Iterator[Cause]:
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    if least is not None and len(value) < least:
        yield invalid_value(path, len(value), f"{path} in body should have at least {least} properties")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    needed = [*(schema.get("required") or ()), *(("apiVersion", "kind") if schema.get(EMBEDDED) and path else ())]
    for name in needed:
        if name not in value:
            yield required(f"{path}.{name}" if path else name)
    for name in sorted(value):
        found = properties.get(name, extra if isinstance(extra, dict) else None)
        if found:
            yield from _check(value[name], found, f"{path}.{name}" if path else name)


def _repeated(value: Any, schema: Schema, path: str) -> Iterator[Cause]:
    """Sets hold a value once, maps a combination of keys (apiextensions' `listtype`)."""
    if isinstance(value, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name in sorted(value):
            found = properties.get(name, extra if isinstance(extra, dict) else None)
            if found:
                yield from _repeated(value[name], found, f"{path}.{name}" if path else name)
    if not isinstance(value, list):
        return
    kind, keys = schema.get(_LIST_TYPE), schema.get(_LIST_KEYS) or ()
    if kind in ("set", "map"):
        seen: list[Any] = []
        for index, item in enumerate(value):
            key = item
            if kind == "map" and isinstance(item, dict):
                key = {name: item[name] for name in keys if name in item}
            if key in seen:
                yield duplicate(f"{path}[{index}]", key)
            seen.append(key)
    for index, item in enumerate(value):
        yield from _repeated(item, schema.get("items") or {}, f"{path}[{index}]")
