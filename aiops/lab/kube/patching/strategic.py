"""Kubernetes' strategic merge patch: a merge patch in which some lists are merged by a key.

Source: "Update API Objects in Place Using kubectl patch" of Kubernetes' documentation, and the `strategicpatch` package
of apimachinery for the order of merged lists and for what is refused.
"""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.errors import ApiError, bad_request, broken
from aiops.lab.kube.patching.merging import PLAIN, Field
from aiops.lab.kube.schema.gotext import go_text

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def strategic_merge(document: Any, patch: Any, merging: Field = PLAIN) -> Any:
    """The patched object; the one given stays as it is. `merging` says how its fields merge. Raises 400, 500."""
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a strategic merge patch is an object")
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise _unknown_directive(directive, patch)
    _check_lists(patch)
    merged = dict(document) if isinstance(document, dict) else {}
    if _RETAIN in patch:
        merged = _retained(merged, patch)
    for key, value in patch.items():
        if key.startswith(_DELETE):
            field = key.removeprefix(_DELETE)
            merged[field] = [item for item in merged.get(field) or () if item not in value]
        elif not key.startswith("$"):
            _merge_field(merged, key, value, merging.child(key))
    for key, order in patch.items():
        if key.startswith(_ORDER):
            field = key.removeprefix(_ORDER)
            before = document.get(field) if isinstance(document, dict) else None
            _enforce_order(merged, field, order, patch.get(field), before, merging.child(field))
    return merged


def _check_lists(patch: dict[str, Any]) -> None:
    for key, value in patch.items():
        if (key == _RETAIN or key.startswith((_ORDER, _DELETE))) and not isinstance(value, list):
            raise bad_request(f"invalid patch format of {key.partition('/')[0].removeprefix('$')}")


def _retained(merged: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Only the fields that the patch retains; what it sets itself must be among them."""
    kept = patch[_RETAIN]
    if any(key not in kept for key in patch if not key.startswith("$")):
        raise bad_request("invalid patch format of retainKeys")
    return {key: value for key, value in merged.items() if key in kept}


def _merge_field(merged: dict[str, Any], key: str, value: Any, field: Field) -> None:
    if value is None:
        merged.pop(key, None)
    elif isinstance(value, dict) and isinstance(merged.get(key, {}), dict):
        if "replace" in field.strategy:
            merged[key] = value
        else:
            merged[key] = strategic_merge(merged.get(key), value, field)
    elif isinstance(value, list) and isinstance(merged.get(key, []), list):
        merged[key] = _merge_list(merged.get(key) or [], value, field)
    else:
        merged[key] = value


def _merge_list(items: list[Any], patch: list[Any], field: Field) -> list[Any]:
    if "merge" not in field.strategy:
        return [_plain(item, field.item) for item in patch if item != {_DIRECTIVE: "replace"}]
    if items and patch and len({isinstance(item, dict) for item in (*items, *patch)}) > 1:
        raise broken(f"list element types are not identical: [{go_text(items)} {go_text(patch)}]")
    if not field.key:
        merged = [*items, *(item for item in patch if item not in items)]
        return _in_order(merged, patch, items, field)
    plain, items, replaces = _without_directives(items, patch, field.key)
    if replaces:
        return [_plain(item, field.item) for item in plain]
    merged = list(items)
    item_field = field.item
    for change in plain:
        place = next((i for i, item in enumerate(merged) if item.get(field.key) == change[field.key]), None)
        if place is None:
            merged.append(_plain(change, item_field))
        else:
            merged[place] = strategic_merge(merged[place], change, item_field)
    return _in_order(merged, plain, items, field)


def _without_directives(items: list[Any], patch: list[Any], key: str) -> tuple[list[dict[str, Any]], list[Any], bool]:
    """The changes of a patch, the items without those that it deletes, and whether it replaces them all."""
    plain: list[dict[str, Any]] = []
    replaces = False
    for change in patch:
        directive = change.get(_DIRECTIVE)
        if directive == "replace":
            replaces = True
        elif directive not in (None, "delete"):
            raise _unknown_directive(directive, change)
        elif key not in change:
            raise broken(f"map: {go_text(change)} does not contain declared merge key: {key}")
        elif directive == "delete":
            items = [item for item in items if item.get(key) != change[key]]
        else:
            plain.append(change)
    return plain, items, replaces


def _plain(item: Any, field: Field) -> Any:
    """An item that was not there, without nulls and directives."""
    return strategic_merge({}, item, field) if isinstance(item, dict) else item


def _enforce_order(
    merged: dict[str, Any], field_name: str, order: list[Any], patch: Any, before: Any, field: Field
) -> None:
    """Sort the items that `order` names as it says, with the others among them as they stood."""
    if not isinstance(merged.get(field_name), list):
        return
    changes = [item for item in patch or () if not (isinstance(item, dict) and _DIRECTIVE in item)]
    left = iter(_identities(order, field.key))
    if not all(identity in left for identity in _identities(changes, field.key)):
        where = f"{_ORDER[:-1]} list:\n{go_text(order)}\n"
        raise broken(f"The order in patch list:\n{go_text(changes)}\n doesn't match {where}")
    merged[field_name] = _in_order(merged[field_name], order, before or [], field)


def _in_order(merged: list[Any], wanted: list[Any], before: list[Any], field: Field) -> list[Any]:
    """The items that are wanted in their order; each of the others before the first of them that it stood before."""
    places = {identity: place for place, identity in reversed(list(enumerate(_identities(before, field.key))))}
    order = {identity: place for place, identity in reversed(list(enumerate(_identities(wanted, field.key))))}
    named = list(zip(_identities(merged, field.key), merged, strict=True))
    right = sorted((pair for pair in named if pair[0] in order), key=lambda pair: order[pair[0]])
    left = sorted((pair for pair in named if pair[0] not in order), key=lambda pair: places.get(pair[0], len(places)))
    out: list[Any] = []
    while left and right:
        both = left[0][0] in places and right[0][0] in places
        first = left if both and places[left[0][0]] < places[right[0][0]] else right
        out.append(first.pop(0)[1])
    return [*out, *(item for _, item in (*left, *right))]


def _identities(items: list[Any], key: str) -> list[str]:
    """What tells the items of a list apart: their keys, or themselves."""
    return [go_text(item.get(key) if key and isinstance(item, dict) else item) for item in items]


def _unknown_directive(directive: Any, patch: dict[str, Any]) -> ApiError:
    return broken(f"unknown patch type: {go_text(directive)} in map: {go_text(patch)}")
