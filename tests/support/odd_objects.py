"""Objects that an API server takes and nobody sensible writes: each field of its type, with values of any sort."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import clone
from aiops.lab.kube.schema.table import Struct, Type, struct, type_of

Value = dict[str, Any]

_TEXTS = (
    "", "a", "web", "app", "app:1", "default", "node-0", "True", "False", "Unknown", "Ready", "Available",
    "Progressing", "Complete", "Failed", "Running", "Pending", "Bound", "Delete", "kubernetes.io/hostname", "0", "1",
    "25%", "100m", "1Gi", "*", "* * * * *", "1h", "10.0.0.9", "standard", "apps/v1", "v1", "Deployment", "Pod",
    "self > 1",
)  # fmt: skip
_MOMENTS = (None, "0001-01-01T00:00:00Z", "2026-05-28T20:26:40Z", "2030-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
_NUMBERS = (0, 1, -1, 2, 3, 7, 80, 255, 600, 65536, 2**31 - 1, -(2**31))
_AMOUNTS = ("0", "1", "100m", "1Gi", "-1", "1e3", "9223372036854775807")
_KEYS = (
    "app", "a", "cpu", "memory", "pods", "node-0", "kubernetes.io/hostname", "example.com/odd",
    "batch.kubernetes.io/job-completion-index", "deployment.kubernetes.io/revision",
)  # fmt: skip
_POOLS: dict[str, tuple[Any, ...]] = {
    "int32": _NUMBERS,
    "int64": (*_NUMBERS, 2**63 - 1),
    "uint8": (0, 255),
    "float64": (0.0, -1.5, 1e300),
    "bool": (True, False),
    "quantity": _AMOUNTS,
    "time": _MOMENTS,
    "micro-time": tuple(text and text.replace("Z", ".000000Z") for text in _MOMENTS),
    "bytes": ("", "YQ=="),
    "duration": ("0s", "1h", "x"),
    "any": (None, {}, {"a": 1}, {"f:spec": {}}, "a", [1], {"type": "object"}),
    "int-or-string": (0, 1, -1, "25%", "200%", "http", ""),
}
_DEEPEST = 5


def odd_object(manifest: Manifest, part: str, rng: Random) -> Manifest:
    """The object with another `part` (`metadata`, `spec`, `status`...): its own with a few other values anywhere in it,
    or for a status one of any sort."""
    of = type_of(manifest["apiVersion"], manifest["kind"])
    assert of is not None
    kind = of.fields[part].type
    new = clone(manifest)
    if part == "status" and rng.random() < 0.5:
        return {**new, part: _value(kind, rng)}
    new.setdefault(part, [] if kind.kind == "list" else {})
    for _ in range(rng.randint(1, 3)):
        places = list(_structs(new[part], kind))
        if places:
            _change(*rng.choice(places), rng)
        else:
            new[part] = _value(kind, rng)
    return new


def parts_of(manifest: Manifest) -> list[str]:
    """The fields of an object, without what says its kind."""
    of = type_of(manifest["apiVersion"], manifest["kind"])
    assert of is not None
    return [name for name in of.fields if name not in ("apiVersion", "kind")]


def _value(kind: Type, rng: Random, depth: int = 0) -> Any:
    """Any value of a type."""
    if kind.kind == "struct":
        return _struct(struct(kind.name), rng, depth + 1)
    if kind.item is not None and kind.kind in ("list", "map"):
        count = rng.choice((0, 1, 1, 2)) if depth < _DEEPEST else 0
        made = [_value(kind.item, rng, depth + 1) for _ in range(count)]
        return made if kind.kind == "list" else {rng.choice(_KEYS): item for item in made}
    return rng.choice(_POOLS.get(kind.kind, _TEXTS))


def _struct(of: Struct, rng: Random, depth: int) -> Value:
    """A struct with some of its fields, the fewer the deeper it is."""
    share = 0.6 if depth < 2 else 0.35 if depth < 4 else 0.15
    return {
        each.name: rng.choice(each.enum) if each.enum and rng.random() < 0.7 else _value(each.type, rng, depth)
        for each in of.fields.values()
        if rng.random() < share
    }


def _structs(value: Any, kind: Type) -> Iterator[tuple[Value, Struct]]:
    """Every struct in a value."""
    if kind.kind == "struct" and isinstance(value, dict):
        of = struct(kind.name)
        yield value, of
        for name, item in value.items():
            if name in of.fields:
                yield from _structs(item, of.fields[name].type)
    elif kind.item is not None and isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _structs(item, kind.item)


def _change(value: Value, of: Struct, rng: Random) -> None:
    """Another value for a field, or none."""
    if value and rng.random() < 0.3:
        del value[rng.choice(list(value))]
    elif of.fields:
        each = of.fields[rng.choice(list(of.fields))]
        value[each.name] = rng.choice(each.enum) if each.enum and rng.random() < 0.5 else _value(each.type, rng, 2)
