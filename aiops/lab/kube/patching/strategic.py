"""Kubernetes' strategic merge patch: a merge patch in which some lists are merged by a key.

Source: the API conventions and "Update API Objects in Place Using kubectl patch" of Kubernetes' documentation.
"""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.errors import bad_request
from aiops.lab.kube.patching.mergekeys import PRIMITIVE, merge_key

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic_merge(document: Any, patch: Any, parent: str = "") -> Any:
    """The patched object; the one given stays as it is. `parent` names the field that holds it. Raises 400."""
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a strategic merge patch is an object")
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise bad_request(f"unrecognized value for $patch: {directive!r}")
    merged = dict(document) if isinstance(document, dict) else {}
    _check_lists(patch)
    if _RETAIN in patch:
        merged = {key: value for key, value in merged.items() if key in patch[_RETAIN]}
    for key, value in patch.items():
        if key.startswith(_DELETE):
            field = key.removeprefix(_DELETE)
            merged[field] = [item for item in merged.get(field) or () if item not in value]
        elif not key.startswith("$"):
            _merge_field(merged, key, value, parent)
    for key, order in patch.items():
        if key.startswith(_ORDER):
            field = key.removeprefix(_ORDER)
            if isinstance(merged.get(field), list):
                merged[field] = _ordered(merged[field], order, merge_key(parent, field))
    return merged


def _check_lists(patch: dict[str, Any]) -> None:
    for key, value in patch.items():
        if (key == _RETAIN or key.startswith((_ORDER, _DELETE))) and not isinstance(value, list):
            raise bad_request(f"error decoding patch: {key} is a list")


def _merge_field(merged: dict[str, Any], key: str, value: Any, parent: str) -> None:
    if value is None:
        merged.pop(key, None)
    elif isinstance(value, dict):
        removed = value.get(_DIRECTIVE) == "delete"
        result = strategic_merge(merged.get(key), value, key)
        if removed:
            merged.pop(key, None)
        else:
            merged[key] = result
    elif isinstance(value, list):
        merged[key] = _merge_list(merged.get(key) or [], value, key, merge_key(parent, key))
    else:
        merged[key] = value


def _merge_list(items: list[Any], patch: list[Any], field: str, key: str | None) -> list[Any]:
    if key is None or {_DIRECTIVE: "replace"} in patch:
        return [_plain(item) for item in patch if item != {_DIRECTIVE: "replace"}]
    if key == PRIMITIVE:
        return [*items, *(item for item in patch if item not in items)]
    merged = list(items)
    for change in patch:
        if not isinstance(change, dict) or key not in change:
            raise bad_request(f"map: {change!r} does not contain declared merge key: {key}")
        place = next((i for i, item in enumerate(merged) if item.get(key) == change[key]), None)
        if change.get(_DIRECTIVE) == "delete":
            merged = [item for item in merged if item.get(key) != change[key]]
        elif place is None:
            merged.append(strategic_merge({}, change, field))
        else:
            merged[place] = strategic_merge(merged[place], change, field)
    return merged


def _plain(item: Any) -> Any:
    """An item of a list that is replaced, without nulls and directives."""
    return strategic_merge({}, item) if isinstance(item, dict) else item


def _ordered(items: list[Any], order: list[Any], key: str | None) -> list[Any]:
    """Sort the items that `order` names as it says; the others keep their places behind them."""

    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    places = {str(identity(item)): place for place, item in enumerate(order)}
    return sorted(items, key=lambda item: places.get(str(identity(item)), len(places)))
