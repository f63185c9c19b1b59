"""All objects of one kind, in order of namespace and name."""

from __future__ import annotations

import builtins
from bisect import bisect_left, insort
from collections.abc import Mapping

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.label_index import LabelIndex


class Shelf:
    """A sorted map from key to object. Objects are replaced, never changed."""

    def __init__(self) -> None:
        self.changes = 0
        """How often something was put here or removed."""
        self._items: dict[Key, Manifest] = {}
        self._keys: list[Key] = []
        self._labels: LabelIndex | None = None

    def get(self, key: Key) -> Manifest | None:
        return self._items.get(key)

    def put(self, key: Key, manifest: Manifest) -> None:
        old = self._items.get(key)
        if old is None:
            insort(self._keys, key)
        self._items[key] = manifest
        self._noted(key, old, manifest)

    def remove(self, key: Key) -> None:
        old = self._items.pop(key)
        del self._keys[bisect_left(self._keys, key)]
        self._noted(key, old, None)

    def list(self, namespace: str = "", after: Key | None = None) -> list[Manifest]:
        """The objects of a namespace (of all where none is given), behind the key `after`."""
        keys = self._keys
        low = bisect_left(keys, (namespace, "")) if namespace else 0
        high = bisect_left(keys, (namespace + "\0", "")) if namespace else len(keys)
        if after is not None:
            low = max(low, bisect_left(keys, (after[0], after[1] + "\0")))
        items = self._items
        return [items[key] for key in keys[low:high]]

    def labelled(self, namespace: str, labels: Mapping[str, str]) -> builtins.list[Manifest]:
        """The objects of a namespace that carry all of these labels (at least one), by name."""
        if self._labels is None:
            self._labels = LabelIndex(self._items.items())
        return [self._items[key] for key in self._labels.find(namespace, labels)]

    def _noted(self, key: Key, old: Manifest | None, new: Manifest | None) -> None:
        self.changes += 1
        if self._labels is not None:
            self._labels.replace(key, old, new)

    def __len__(self) -> int:
        return len(self._keys)
