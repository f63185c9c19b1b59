"""Whether objects have been written since the last look, for those who read few kinds of a cluster that writes many."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.lab.ports import ClusterView


class Writes:
    """Those to objects of some kinds. The first look finds some."""

    def __init__(self, view: ClusterView, kinds: Sequence[str]) -> None:
        self._view = view
        self._kinds = tuple(kinds)
        self._revision = -1
        self._changes: list[int] = []

    def come(self) -> bool:
        """Whether there were any since the last look."""
        revision = self._view.revision
        if revision == self._revision:
            return False
        self._revision = revision
        before, self._changes = self._changes, [self._view.changes(kind) for kind in self._kinds]
        return before != self._changes
