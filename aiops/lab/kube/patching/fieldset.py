"""Sets of field paths, as `fieldsV1` writes them.

A set is a nested map: `{"f:spec": {"f:replicas": {}}}` holds `.spec.replicas`. A node without children is a member, and
so is one with the child `.`. Sets are never changed: what an operation leaves alone it shares with its result.
Source: KEP-555 (server-side apply) and the `fieldpath` package of structured-merge-diff.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

FieldSet = dict[str, Any]
SELF = "."
_LEAF: FieldSet = {}
_LARGEST = 4096

_known: dict[bytes, FieldSet] = {}


def shared(fields: FieldSet) -> FieldSet:
    """An equal set that all objects of the same shape have in common, its paths in order; objects of other shapes share
    the parts that are alike."""
    text = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    found = _known.get(text)
    if found is None:
        parts = {path: shared(below) if below else _LEAF for path, below in orjson.loads(text).items()}
        if len(_known) >= _LARGEST:
            _known.clear()
        found = _known[text] = parts
    return found


def is_field_set(value: Any) -> bool:
    """Is a value from outside a set: maps all the way down, by paths of the four forms?"""
    return isinstance(value, dict) and all(_is_step(path) and is_field_set(below) for path, below in value.items())


def _is_step(path: str) -> bool:
    form, rest = path[:2], path[2:]
    if form not in ("k:", "v:"):
        return path == SELF or form == "f:" or (form == "i:" and rest.isdecimal())
    try:
        value = orjson.loads(rest)
    except orjson.JSONDecodeError:
        return False
    return form == "v:" or isinstance(value, dict)


def union(left: FieldSet, right: FieldSet) -> FieldSet:
    """The members of both; `left` itself where it has them all."""
    changed: FieldSet | None = None
    for path, theirs in right.items():
        mine = left.get(path)
        both = theirs if mine is None else _joined(mine, theirs)
        if both is not mine:
            if changed is None:
                changed = dict(left)
            changed[path] = both
    return left if changed is None else changed


def _joined(mine: FieldSet, theirs: FieldSet) -> FieldSet:
    if not mine:
        return mine if not theirs or (len(theirs) == 1 and SELF in theirs) else {SELF: {}, **theirs}
    if not theirs:
        return mine if SELF in mine else {SELF: {}, **mine}
    return union(mine, theirs)


def difference(left: FieldSet, right: FieldSet) -> FieldSet:
    """The members of `left` that are not in `right`; `left` itself where none is."""
    changed: FieldSet | None = None
    for path, theirs in right.items():
        mine = left.get(path)
        if mine is None or path == SELF:
            continue
        rest = _rest(mine, theirs)
        if rest is not mine:
            if changed is None:
                changed = dict(left)
            if rest is None:
                del changed[path]
            else:
                changed[path] = rest
    return left if changed is None else changed


def _rest(mine: FieldSet, theirs: FieldSet) -> FieldSet | None:
    """What is left of a node; None where nothing is."""
    taken = is_member(theirs)
    if not mine:
        return None if taken else mine
    below = difference(mine, theirs)
    if taken and SELF in below:
        below = {path: node for path, node in below.items() if path != SELF}
    if not below:
        return None
    if len(below) == 1 and SELF in below:
        return _LEAF
    return below


def intersection(left: FieldSet, right: FieldSet) -> FieldSet:
    """The members of both."""
    found: FieldSet = {}
    for path, theirs in right.items():
        mine = left.get(path)
        if mine is None or path == SELF:
            continue
        below = intersection(mine, theirs) if mine and theirs else {}
        if is_member(mine) and is_member(theirs):
            found[path] = {SELF: {}, **below} if below else {}
        elif below:
            found[path] = below
    return found


def is_member(node: FieldSet) -> bool:
    return not node or SELF in node


def has(fields: FieldSet, path: tuple[str, ...]) -> bool:
    """Is a path a member?"""
    node: FieldSet | None = fields
    for step in path:
        node = (node or {}).get(step)
        if node is None:
            return False
    return node is not None and is_member(node)


def members(fields: FieldSet, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path, in order."""
    for path in sorted(fields):
        if path == SELF:
            continue
        here = (*above, path)
        if is_member(fields[path]):
            yield here
        yield from members(fields[path], here)


def shown(path: tuple[str, ...]) -> str:
    """A path as messages write it: `.spec.containers[name="geo"].image`."""
    return "".join(_step(step) for step in path)


def _step(step: str) -> str:
    if step.startswith("f:"):
        return f".{step[2:]}"
    if step.startswith("k:"):
        pairs = orjson.loads(step[2:]).items()
        return "[" + ",".join(f"{key}={orjson.dumps(value).decode()}" for key, value in pairs) + "]"
    return f"[={step[2:]}]" if step.startswith("v:") else f"[{step[2:]}]"
