"""How much the cluster's objects may take together: the quota of etcd's database."""

from __future__ import annotations

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import broken

QUOTA = 128 * 2**20
"""Bytes of all objects as JSON: nearly twenty thousand pods with their Events. The database of a real etcd may have
2 GiB (`--quota-backend-bytes`), in which all revisions of the last minutes lie as well."""

ROOM = 0.9
"""The share of the quota below which writes go on: somebody then compacts the database and disarms the alarm."""


class Space:
    """Counts bytes. Once a write has found no room all others are refused, too, as by etcd's alarm `NOSPACE`; deletions
    make room."""

    def __init__(self, quota: int = QUOTA) -> None:
        self.quota = quota
        self.used = 0
        self._alarm = False

    def put(self, new: Manifest, old: Manifest | None, *, leaving: bool = False) -> None:
        """Make room for an object in the place of another. One that is `leaving` goes at once. Raises 500."""
        grown = _size(new) - (_size(old) if old is not None else 0)
        self._alarm = self.used > ROOM * self.quota if self._alarm else self.used + grown > self.quota
        if self._alarm and not leaving:
            raise broken("etcdserver: mvcc: database space exceeded")
        self.used += grown

    def remove(self, old: Manifest) -> None:
        """Give back what an object took."""
        self.used -= _size(old)


def _size(manifest: Manifest) -> int:
    return len(orjson.dumps(manifest))
