"""All objects of one kind, in order of namespace and name."""

from __future__ import annotations

from bisect import bisect_left, insort

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key


class Shelf:
    """A sorted map from key to object. Objects are replaced, never changed."""

    def __init__(self) -> None:
        self._items: dict[Key, Manifest] = {}
        self._keys: list[Key] = []

    def get(self, key: Key) -> Manifest | None:
        return self._items.get(key)

    def put(self, key: Key, manifest: Manifest) -> None:
        if key not in self._items:
            insort(self._keys, key)
        self._items[key] = manifest

    def remove(self, key: Key) -> None:
        del self._items[key]
        del self._keys[bisect_left(self._keys, key)]

    def list(self, namespace: str = "", after: Key | None = None) -> list[Manifest]:
        """The objects of a namespace (of all where none is given), behind the key `after`."""
        keys = self._keys
        low = bisect_left(keys, (namespace, "")) if namespace else 0
        high = bisect_left(keys, (namespace + "\0", "")) if namespace else len(keys)
        if after is not None:
            low = max(low, bisect_left(keys, (after[0], after[1] + "\0")))
        items = self._items
        return [items[key] for key in keys[low:high]]

    def __len__(self) -> int:
        return len(self._keys)
