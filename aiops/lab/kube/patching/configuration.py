"""What a configuration that is applied must be: only fields that its kind has, each of its type, no key twice.

Source: the `validatingWalker` and the `mergingWalker` of structured-merge-diff, with their words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError, broken
from aiops.lab.kube.patching.compare import step_of
from aiops.lab.kube.patching.fieldset import shown
from aiops.lab.kube.patching.merging import Field, fields_of
from aiops.lab.kube.schema import table
from aiops.lab.kube.schema.gotext import go_text

_NUMBERS = ("int32", "int64", "float64", "uint8")


def check_configuration(config: Manifest) -> None:
    """Raises 500, as the API server does, with the first thing that is wrong."""
    version, kind = str(config["apiVersion"]), str(config["kind"])
    struct = table.type_of(version, kind)
    if struct is None:
        return
    for path, why in _struct(config, struct, ""):
        raise _refused(config, f"{path}: {why}")


def _refused(config: Manifest, why: str) -> ApiError:
    metadata = config.get("metadata") or {}
    group, _, version = str(config["apiVersion"]).rpartition("/")
    who = f"{metadata.get('namespace', '')}/{metadata.get('name', '')}; {group}/{version}, Kind={config['kind']}"
    return broken(f"failed to create typed patch object ({who}): {why}")


def _struct(value: dict[str, Any], struct: table.Struct, path: str) -> Iterator[tuple[str, str]]:
    merging = fields_of(struct.name)
    for name, item in value.items():
        if not path and name in ("apiVersion", "kind"):
            continue
        field = struct.fields.get(name)
        if field is None:
            yield f"{path}.{name}", "field not declared in schema"
        elif item is not None:
            yield from _value(item, field.type, merging[name], f"{path}.{name}")


def _value(value: Any, type_: table.Type, merging: Field, path: str) -> Iterator[tuple[str, str]]:
    if type_.kind == "struct":
        if not isinstance(value, dict):
            yield path, f"expected map, got {_go(value)}"
        else:
            yield from _struct(value, table.struct(type_.name), path)
    elif type_.kind == "map":
        yield from _map(value, type_, path)
    elif type_.kind == "list":
        yield from _list(value, type_, merging, path)
    elif type_.kind == "string" and not isinstance(value, str):
        yield path, f"expected string, got &value.valueUnstructured{{Value:{_literal(value)}}}"
    elif type_.kind == "bool" and not isinstance(value, bool):
        yield path, f"expected boolean, got {_go(value)}"
    elif type_.kind in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield path, f"expected numeric (int or float), got {_type(value)}"


def _map(value: Any, type_: table.Type, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield path, f"expected map, got {_go(value)}"
    elif type_.item is not None:
        for name, item in value.items():
            if item is not None:
                yield from _value(item, type_.item, Field(), f"{path}.{name}")


def _list(value: Any, type_: table.Type, merging: Field, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        yield path, f"expected list, got {_go(value)}"
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        step = step_of(item, merging) if merging.list else f"i:{index}"
        if step in seen:
            yield path, f"duplicate entries for key {shown((step,))}"
        seen.add(step)
        if item is not None and type_.item is not None:
            yield from _value(item, type_.item, Field(), path + shown((step,)))


def _go(value: Any) -> str:
    return f"&{{{go_text(value)}}}"


def _type(value: Any) -> str:
    """As Go names the type of a JSON value."""
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list):
        return "[]interface {}"
    return "bool" if isinstance(value, bool) else "string"


def _literal(value: Any) -> str:
    """As Go writes a JSON value in its source."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        inside = ", ".join(f'"{name}":{_literal(item)}' for name, item in sorted(value.items()))
        return f"map[string]interface {{}}{{{inside}}}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(_literal(item) for item in value) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)
