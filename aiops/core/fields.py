"""Desired state of Kubernetes objects: which parts it is, how two versions differ, what a path means.

A path is dotted (`spec.replicas`); an item of a keyed list is named by its key
(`spec.template.spec.containers[geo].image`), an item of any other list by its index (`args[0]`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from aiops.core.changes import FieldChange
from aiops.core.entity import Manifest

SYSTEM_METADATA = frozenset(
    {"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid", "deletionTimestamp"}
)
BOOKKEEPING = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "aiops.dev/",
)
"""Annotations (by prefix) that tools write about an object; they ask for nothing."""

_KEYS = ("name", "containerPort", "port", "mountPath", "key", "ip", "type")
_TOKEN = re.compile(r"[^.\[\]]+|\[[^\]]*\]")


def desired(manifest: Manifest) -> Manifest:
    """What somebody asked for: the object without status and without what the system wrote."""
    state = {key: value for key, value in manifest.items() if key not in ("status", "metadata")}
    metadata = {k: v for k, v in manifest.get("metadata", {}).items() if k not in SYSTEM_METADATA}
    annotations = {k: v for k, v in metadata.pop("annotations", {}).items() if not k.startswith(BOOKKEEPING)}
    if annotations:
        metadata["annotations"] = annotations
    return {**state, "metadata": metadata}


def list_key(items: list[Any]) -> str | None:
    """The field that tells the items of a list apart, or None where there is none."""
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for key in _KEYS:
        values = [str(item.get(key, "")) for item in items]
        if all(values) and len(set(values)) == len(values):
            return key
    return None


def differences(old: Any, new: Any, path: str = "") -> Iterator[FieldChange]:
    """Every leaf that differs between two JSON values, in path order. A missing side is None."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), _join(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_differences(old, new, path)
    elif old != new:
        yield FieldChange(path=path, old=old, new=new)


def _list_differences(old: list[Any], new: list[Any], path: str) -> Iterator[FieldChange]:
    key = list_key([*old])
    if key and key == list_key([*new]):
        before = {str(item[key]): item for item in old}
        after = {str(item[key]): item for item in new}
        for name in sorted(before.keys() | after.keys()):
            yield from differences(before.get(name), after.get(name), f"{path}[{name}]")
    elif len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    elif old != new:
        yield FieldChange(path=path, old=old, new=new)


def _join(path: str, key: str) -> str:
    step = f"[{key}]" if "." in key or "/" in key else key
    if not path or step.startswith("["):
        return path + step
    return f"{path}.{step}"


def read(value: Any, path: str) -> Any:
    """The value at a path, or None where there is nothing."""
    for token in _TOKEN.findall(path):
        name = token[1:-1] if token.startswith("[") else token
        value = _step(value, name)
        if value is None:
            return None
    return value


def _step(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if not isinstance(value, list):
        return None
    key = list_key(value)
    for index, item in enumerate(value):
        if (key and str(item[key]) == name) or (not key and str(index) == name):
            return item
    return None


def write(value: Any, path: str, new: Any) -> Any:
    """A copy of `value` with `new` at a path; None takes away what is there. Raises `KeyError` naming the step that
    a list does not have; objects on the way are made where they are missing."""
    return _write(value, _TOKEN.findall(path), new)


def _write(value: Any, steps: list[str], new: Any) -> Any:
    if not steps:
        return new
    name = steps[0][1:-1] if steps[0].startswith("[") else steps[0]
    if isinstance(value, list):
        return _write_item(value, name, steps[1:], new)
    copy = dict(value) if isinstance(value, dict) else {}
    inner = _write(copy.get(name), steps[1:], new)
    copy.pop(name, None) if inner is None else copy.update({name: inner})
    return copy


def _write_item(items: list[Any], name: str, rest: list[str], new: Any) -> list[Any]:
    key = list_key(items)
    for index, item in enumerate(items):
        if (key and str(item[key]) == name) or (not key and str(index) == name):
            inner = _write(item, rest, new)
            return [*items[:index], *([] if inner is None else [inner]), *items[index + 1 :]]
    raise KeyError(name)
