"""Patches between two states of an object, and the merge that takes a change back without touching other changes."""

from __future__ import annotations

from typing import Any

from aiops.core.errors import ConflictError
from aiops.core.fields import list_key

_ABSENT = object()


def diff_patch(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The RFC 7386 patch that makes `new` of `old`. Lists are replaced as a whole, as the RFC has it."""
    patch: dict[str, Any] = {}
    for key in sorted(old.keys() | new.keys()):
        left, right = old.get(key), new.get(key)
        if left == right:
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            patch[key] = diff_patch(left, right)
        else:
            patch[key] = right
    return patch


def three_way_undo(before: Any, after: Any, live: Any, path: str = "") -> Any:
    """`live` without the change from `before` to `after`: a three-way merge that keeps what others changed since.

    Raises `ConflictError` naming the field that was changed again after us.
    """
    merged = _merge(before, after, live, path)
    return {} if merged is _ABSENT else merged


def _merge(before: Any, after: Any, live: Any, path: str) -> Any:
    if live in (after, before):
        return before
    if before == after:
        return live
    if all(isinstance(side, dict) for side in (before, after, live)):
        keys = [*live, *(key for key in before if key not in live)]
        merged = {key: _at(before, after, live, key, f"{path}.{key}" if path else key) for key in keys}
        return {key: value for key, value in merged.items() if value is not _ABSENT}
    if all(isinstance(side, list) for side in (before, after, live)):
        return _merge_lists(before, after, live, path)
    raise ConflictError(f"{path} was changed again by somebody else; it is left as it is")


def _at(before: dict[str, Any], after: dict[str, Any], live: dict[str, Any], key: str, path: str) -> Any:
    return _merge(before.get(key, _ABSENT), after.get(key, _ABSENT), live.get(key, _ABSENT), path)


def _merge_lists(before: list[Any], after: list[Any], live: list[Any], path: str) -> list[Any]:
    """Item by item where the items have names; otherwise two changes of one list cannot be told apart."""
    keys = {list_key(side) for side in (before, after, live) if side}
    key = keys.pop() if len(keys) == 1 else None
    if key is None:
        raise ConflictError(f"{path} was changed again by somebody else; it is left as it is")
    by_name = [{str(item[key]): item for item in side} for side in (before, after, live)]
    names = [*by_name[2], *(name for name in by_name[0] if name not in by_name[2])]
    merged = [_at(by_name[0], by_name[1], by_name[2], name, f"{path}[{name}]") for name in names]
    return [item for item in merged if item is not _ABSENT]
