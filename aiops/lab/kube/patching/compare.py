"""Which fields of an object a write has added, changed and removed.

Source: the `typed` package of structured-merge-diff (its `compareWalker` and `toFieldSetWalker`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from aiops.lab.kube.patching.fieldset import SELF, FieldSet
from aiops.lab.kube.patching.merging import KEY_DEFAULTS, Field

_MISSING: Any = object()
_SCALARS = frozenset((str, int, float, bool))
_LEAF: FieldSet = {}


def compare(old: Mapping[str, Any], new: Mapping[str, Any], field: Field) -> tuple[FieldSet, FieldSet]:
    """The fields that are new or another than before, and those that are gone."""
    changed: FieldSet = {}
    removed: FieldSet = {}
    _compare_maps(old, new, field, changed, removed)
    return changed, removed


def _compare_maps(
    old: Mapping[str, Any], new: Mapping[str, Any], field: Field, changed: FieldSet, removed: FieldSet
) -> None:
    for name, value in new.items():
        before = old.get(name, _MISSING)
        if before is value or (before == value and type(before) is type(value)):
            continue
        if type(value) in _SCALARS:
            changed[f"f:{name}"] = _LEAF
        else:
            _compare_values(f"f:{name}", before, value, field.child(name), changed, removed)
    for name, value in old.items():
        if name not in new:
            removed[f"f:{name}"] = _everything(value, field.child(name))


def _compare_values(step: str, before: Any, value: Any, field: Field, changed: FieldSet, removed: FieldSet) -> None:
    if before is _MISSING:
        changed[step] = _everything(value, field)
        return
    if before == value and type(before) is type(value):
        return
    below: tuple[FieldSet, FieldSet] = {}, {}
    if _is_granular(before, value, dict) and not field.atomic:
        _compare_maps(before or {}, value or {}, field, *below)
    elif field.list and _is_granular(before, value, list):
        _compare_lists(before or [], value or [], field, *below)
    else:
        changed[step] = {}
    if below[0]:
        changed[step] = below[0]
    if below[1]:
        removed[step] = below[1]


def _is_granular(before: Any, value: Any, kind: type) -> bool:
    """Two maps (or lists) of which one may be null, and one has something in it."""
    fits = isinstance(before, kind | None) and isinstance(value, kind | None)
    return fits and bool(before or value)


def _compare_lists(old: list[Any], new: list[Any], field: Field, changed: FieldSet, removed: FieldSet) -> None:
    before, after = indexed(old, field), indexed(new, field)
    item = field.item
    for step, value in after.items():
        _compare_values(step, before.get(step, _MISSING), value, item, changed, removed)
    for step, value in before.items():
        if step not in after:
            removed[step] = _everything(value, item)


def indexed(items: list[Any], field: Field) -> dict[str, Any]:
    """The items of a list by their path elements; of items with the same one, the first."""
    found: dict[str, Any] = {}
    for item in items:
        found.setdefault(step_of(item, field), item)
    return found


def step_of(item: Any, field: Field) -> str:
    """The path element of a list's item: by its keys, or for a set by its value."""
    if field.list == "map" and isinstance(item, dict):
        values = [item.get(key, KEY_DEFAULTS.get(key)) for key in field.keys]
        return _key_step(field.keys, *(each if type(each) in _SCALARS else None for each in values))
    return "v:" + orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode()


@lru_cache(maxsize=16_384, typed=True)
def _key_step(keys: tuple[str, ...], *values: Any) -> str:
    named = dict(zip(keys, values, strict=True))
    return "k:" + orjson.dumps(named, option=orjson.OPT_SORT_KEYS).decode()


def _everything(value: Any, field: Field) -> FieldSet:
    """A value that was not there: all its fields, and itself."""
    if isinstance(value, dict) and value and not field.atomic:
        found: FieldSet = {SELF: _LEAF}
        for name, item in value.items():
            found[f"f:{name}"] = _LEAF if type(item) in _SCALARS else _everything(item, field.child(name))
        return found
    if isinstance(value, list) and value and field.list:
        item = field.item
        return {SELF: _LEAF, **{step: _everything(each, item) for step, each in indexed(value, field).items()}}
    return _LEAF


def fields_in(value: Mapping[str, Any], field: Field) -> FieldSet:
    """The fields that a configuration names: its leaves, its lists' items, and its empty maps."""
    found: FieldSet = {}
    for name, item in value.items():
        child = field.child(name)
        node = _named(item, child)
        if node is not None:
            found[f"f:{name}"] = {SELF: {}, **node} if node and field.values else node
    return found


def _named(value: Any, field: Field) -> FieldSet | None:
    """The node of a value; None where it names nothing: a list without items, a map of nothing but such."""
    if isinstance(value, dict) and value and not field.atomic:
        return fields_in(value, field) or None
    if isinstance(value, list) and field.list:
        item = field.item
        below = {step: _item_node(each, item) for step, each in indexed(value, field).items()}
        return below or None
    return {}


def _item_node(value: Any, field: Field) -> FieldSet:
    node = _named(value, field)
    return {SELF: {}, **node} if node else {}
