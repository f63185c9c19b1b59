"""Which objects of one kind carry a label: found without looking at all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key, labels_of

Posting = dict[Key, None]
"""Keys of objects, as an ordered set."""


class LabelIndex:
    """Kept by a shelf with each of its writes."""

    def __init__(self, objects: Iterable[tuple[Key, Manifest]]) -> None:
        self._postings: defaultdict[tuple[str, str, str], Posting] = defaultdict(dict)
        for key, manifest in objects:
            self.replace(key, None, manifest)

    def replace(self, key: Key, old: Manifest | None, new: Manifest | None) -> None:
        """Note what an object carries from now on; None: there is or was none."""
        before, after = labels_of(old) if old else {}, labels_of(new) if new else {}
        if before == after:
            return
        for name, value in before.items():
            place = (key[0], name, value)
            posting = self._postings[place]
            posting.pop(key, None)
            if not posting:
                del self._postings[place]
        for name, value in after.items():
            self._postings[key[0], name, value][key] = None

    def find(self, namespace: str, labels: Mapping[str, str]) -> list[Key]:
        """The objects of a namespace that carry all of these labels (at least one), by name."""
        postings = [self._postings.get((namespace, *pair), {}) for pair in labels.items()]
        fewest = min(postings, key=len, default={})
        return sorted(key for key in fewest if all(key in posting for posting in postings))
