"""Printer columns of custom kinds, for kubectl's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.kube.custom.jsonpath import find

Cell = Callable[[Manifest, float], Any]


def cell_of(column: dict[str, Any], age: Callable[[float], str]) -> Cell:
    """(object, unix seconds) -> what the column shows; `age` writes a duration."""
    path, kind = str(column.get("jsonPath", "")), column.get("type", "string")

    def cell(item: Manifest, now: float) -> Any:
        try:
            found = find(item, path)
        except InvalidInputError:
            return None
        return None if not found or found[0] is None else _shown(found, kind, now, age)

    return cell


def _shown(found: list[Any], kind: str, now: float, age: Callable[[float], str]) -> Any:
    value = found[0]
    if kind == "date":
        try:
            return age(now - from_rfc3339(str(value)))
        except InvalidInputError:
            return "<invalid>"
    if kind == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    if kind == "number" and isinstance(value, int | float):
        return value
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    return " ".join(_text(item) for item in found)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_text(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(_text(item) for item in value) + "]"
    return str(value)
