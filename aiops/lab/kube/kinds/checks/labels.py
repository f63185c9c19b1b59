"""Labels, annotations and label selectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value, required, too_long
from aiops.lab.kube.kinds.checks.formats import label_key, label_value

MOST_ANNOTATIONS = 256 * 1024
"""Bytes of all keys and values of an object's annotations."""

_SHORT = 320
"""Characters; longer keys and values are no good, so nobody writes them twice."""


def label_map(values: Mapping[str, str] | None, path: str) -> Iterator[Cause]:
    for key, value in sorted((values or {}).items()):
        for why in _wrong_with_key(key):
            yield invalid_value(path, key, why)
        for why in _wrong_with_value(value):
            yield invalid_value(path, value, why)


def annotation_map(values: Mapping[str, str] | None, path: str) -> Iterator[Cause]:
    size = 0
    for key, value in sorted((values or {}).items()):
        size += len(key.encode()) + len(value.encode())
        for why in _wrong_with_key(key.lower()):
            yield invalid_value(path, key, why)
    if size > MOST_ANNOTATIONS:
        yield too_long(path, MOST_ANNOTATIONS)


def _wrong_with_key(key: str) -> Sequence[str]:
    return _known_key(key) if len(key) <= _SHORT else label_key(key)


def _wrong_with_value(value: str) -> Sequence[str]:
    return _known_value(value) if len(value) <= _SHORT else label_value(value)


@lru_cache(maxsize=8192)
def _known_key(key: str) -> tuple[str, ...]:
    """Every write to an object has its labels checked again, and objects share them."""
    return tuple(label_key(key))


@lru_cache(maxsize=8192)
def _known_value(value: str) -> tuple[str, ...]:
    return tuple(label_value(value))


def label_name(key: str, path: str) -> Iterator[Cause]:
    for why in label_key(key):
        yield invalid_value(path, key, why)


def label_selector(selector: Mapping[str, Any] | None, path: str) -> Iterator[Cause]:
    """A LabelSelector object; nothing is wrong where there is none."""
    if selector is None:
        return
    yield from label_map(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, entry in enumerate(selector.get("matchExpressions") or ()):
        yield from requirement(entry, f"{path}.matchExpressions[{index}]")


def in_go_order(selector: Mapping[str, Any]) -> dict[str, Any]:
    """The selector with its fields as Go's type orders them, for messages."""
    return {field: selector[field] for field in ("matchLabels", "matchExpressions") if field in selector}


def requirement(
    entry: Mapping[str, Any], path: str, *, compares: bool = False, judges_values: bool = True
) -> Iterator[Cause]:
    """One of a selector's expressions. Those about nodes may compare numbers (`compares`), and where they only prefer,
    their values may be any text (`judges_values`)."""
    operator, values = entry.get("operator", ""), entry.get("values") or ()
    if operator in ("In", "NotIn"):
        if not values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield forbidden(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    elif compares and operator in ("Gt", "Lt"):
        if len(values) != 1:
            yield required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        yield invalid_value(f"{path}.operator", operator, "not a valid selector operator")
    yield from label_name(entry.get("key", ""), f"{path}.key")
    for index, value in enumerate(values if judges_values else ()):
        for why in label_value(value):
            yield invalid_value(f"{path}.values[{index}]", value, why)


def is_empty(selector: Mapping[str, Any] | None) -> bool:
    """Does it select everything?"""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))
