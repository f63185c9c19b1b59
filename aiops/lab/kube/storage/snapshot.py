"""A shelf as it was at an earlier revision: the present one with the writes since then undone."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.storage.history import History
from aiops.lab.kube.storage.shelf import Shelf


def objects_at(
    shelf: Shelf, name: str, history: History, revision: int, namespace: str = "", after: Key | None = None
) -> list[Manifest]:
    """The objects of a namespace (of all where none is given) at a revision, behind the key `after`. `name` is that of
    the shelf. Raises 410 where the history does not reach so far back."""
    before = _changed_since(name, history, revision)
    present = shelf.list(namespace, after)
    if not before:
        return present
    there = {key_of(item): item for item in present}
    for key, old in before.items():
        if old is None:
            there.pop(key, None)
        elif (not namespace or key[0] == namespace) and (after is None or key > after):
            there[key] = old
    keys = list(there)
    ordered = keys if _is_sorted(keys) else sorted(keys)
    return [there[key] for key in ordered]


def _changed_since(name: str, history: History, revision: int) -> dict[Key, Manifest | None]:
    """What the objects that were written since had been: None for those that were not there."""
    before: dict[Key, Manifest | None] = {}
    for write in history.since(revision):
        if write.kind == name:
            before.setdefault(key_of(write.new), write.old)
    return before


def _is_sorted(keys: list[Key]) -> bool:
    return all(keys[i] < keys[i + 1] for i in range(len(keys) - 1))
