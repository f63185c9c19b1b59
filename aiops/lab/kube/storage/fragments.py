"""Equal parts of stored objects, kept once: the pods of a workload differ in a name and a few moments.

Stored objects are replaced and never changed, so nobody can see what they have in common.
"""

from __future__ import annotations

from sys import intern
from typing import Any

import orjson

from aiops.core.entity import Manifest

MOST = 8192
"""Parts that are known at a time. Then sharing starts anew, which costs one more copy of each part."""

_SHARED: dict[str, tuple[str, ...]] = {
    "Pod": ("spec", "status", "metadata"),
    "Event": ("metadata", "involvedObject", "source"),
}
"""The sections whose parts are shared, by kind: only those of which a cluster has very many."""

_OWN = frozenset(("name", "uid", "resourceVersion"))
"""Texts that no other object has."""


class Fragments:
    """What was stored lately, by its text: parts of equal text are equal to the byte."""

    def __init__(self) -> None:
        self._known: dict[bytes, Any] = {}

    def share(self, kind: str, new: Manifest, old: Manifest | None) -> Manifest:
        """An equal object; what `old` has too is taken to be shared already."""
        sections = _SHARED.get(kind)
        if sections is None:
            return new
        before = old or {}
        found = _interned(new)
        for name in sections:
            section = new.get(name)
            if section and section is not before.get(name):
                found[name] = self._section(section)
        return found

    def _section(self, section: dict[str, Any]) -> dict[str, Any]:
        found = _interned(section)
        for name, value in section.items():
            if type(value) is dict:
                found[name] = self._one(value)
            elif type(value) is list:
                found[name] = [self._item(item) for item in value]
        return found

    def _item(self, item: Any) -> Any:
        """One of a list: its parts where it has some, else the whole."""
        if type(item) is not dict:
            return item
        parts = {name: self._one(value) for name, value in item.items() if type(value) in (dict, list)}
        return _interned(item) | parts if parts else self._one(item)

    def _one(self, value: Any) -> Any:
        text = orjson.dumps(value)
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[text] = value
        return found


def _interned(part: dict[str, Any]) -> dict[str, Any]:
    """A copy whose texts are those of other objects."""
    return {key: intern(value) if type(value) is str and key not in _OWN else value for key, value in part.items()}
