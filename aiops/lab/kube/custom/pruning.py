"""What a structural schema makes of an object before it is checked: unknown fields go, defaults come.

As apiextensions' `pruning` and `defaulting` packages do it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Schema = dict[str, Any]

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
_HEAD = ("apiVersion", "kind", "metadata")


def prune(value: dict[str, Any], schema: Schema) -> list[str]:
    """Remove the fields that a schema does not name, in place; gives their paths, sorted."""
    unknown: list[str] = []
    _prune(value, {**schema, EMBEDDED: True}, "", unknown)
    return sorted(unknown)


def _prune(value: Any, schema: Schema, path: str, unknown: list[str]) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _prune(item, schema.get("items") or {}, f"{path}[{index}]", unknown)
        return
    if not isinstance(value, dict):
        return
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for name in list(value):
        where = f"{path}.{name}" if path else name
        if schema.get(EMBEDDED) and name in _HEAD:
            continue
        if name in properties:
            _prune(value[name], properties[name], where, unknown)
        elif isinstance(extra, dict):
            _prune(value[name], extra, where, unknown)
        elif extra is not True and not schema.get(PRESERVE):
            del value[name]
            unknown.append(where)


def set_defaults(value: Any, schema: Schema, *, root: bool = True) -> None:
    """Remove nulls of fields that can't be null, and fill in defaults, in place."""
    if isinstance(value, list):
        for item in value:
            set_defaults(item, schema.get("items") or {}, root=False)
        return
    if not isinstance(value, dict):
        return
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for name, part in properties.items():
        if name in value and value[name] is None and not part.get("nullable"):
            del value[name]
        if name not in value and "default" in part:
            value[name] = deepcopy(part["default"])
    for name, item in value.items():
        if root and name in _HEAD:
            continue
        found = properties.get(name, extra if isinstance(extra, dict) else None)
        if found:
            set_defaults(item, found, root=False)
