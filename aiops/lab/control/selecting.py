"""Which objects select a pod by its labels: Services, budgets, and whatever else has a selector."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import key_of
from aiops.lab.kube.storage.store import ObjectStore

Pairs = Callable[[Manifest], Mapping[str, str] | None]
"""The labels that an object asks of pods; an empty map asks for none, None selects nothing."""


class Selecting:
    """Knows the objects of one kind by the first label that they ask for; made anew when one of them was written."""

    def __init__(self, store: ObjectStore, kind: str, pairs: Pairs) -> None:
        self._store = store
        self._kind = kind
        self._pairs = pairs
        self._known_at = -1
        self._by_pair: dict[tuple[str, str, str], list[Manifest]] = {}
        self._asking_none: dict[str, list[Manifest]] = {}

    def candidates(self, namespace: str, *pods: Mapping[str, str]) -> list[Manifest]:
        """The objects that may select one of the pods with these labels, by name: all that do are among them."""
        self._learn()
        found = {key_of(each): each for each in self._asking_none.get(namespace, ())}
        for labels in pods:
            for pair in labels.items():
                found |= {key_of(each): each for each in self._by_pair.get((namespace, *pair), ())}
        return [found[key] for key in sorted(found)]

    def _learn(self) -> None:
        if self._known_at == self._store.changes(self._kind):
            return
        by_pair: defaultdict[tuple[str, str, str], list[Manifest]] = defaultdict(list)
        asking_none: defaultdict[str, list[Manifest]] = defaultdict(list)
        for each in self._store.objects(self._kind):
            pairs, namespace = self._pairs(each), each["metadata"].get("namespace", "")
            if pairs:
                by_pair[(namespace, *next(iter(pairs.items())))].append(each)
            elif pairs is not None:
                asking_none[namespace].append(each)
        self._by_pair, self._asking_none = dict(by_pair), dict(asking_none)
        self._known_at = self._store.changes(self._kind)
