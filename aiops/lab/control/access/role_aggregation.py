"""The cluster role aggregation controller: gives aggregating ClusterRoles the rules of those that they select."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.lab.control.controller import Controller
from aiops.lab.kube.access.aggregation import aggregated
from aiops.lab.kube.objects import Key, deleting, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

NAME = "clusterrole-aggregation-controller"
"""Its account, and its field manager."""


class RoleAggregation(Controller):
    """Looks after ClusterRoles. Any change of one may concern every aggregating one."""

    account = NAME
    hears = ("ClusterRole",)

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "ClusterRole":
            for role in self._store.objects("ClusterRole"):
                if role.get("aggregationRule"):
                    yield key_of(role)

    def sync(self, key: Key) -> float | None:
        role = self._store.find("ClusterRole", *key)
        if role is None or deleting(role) or not role.get("aggregationRule"):
            return None
        rules = aggregated(role, self._store.objects("ClusterRole"))
        if rules != (role.get("rules") or []):
            wanted = {field: role[field] for field in ("apiVersion", "kind")}
            wanted |= {"metadata": {"name": key[1]}, "rules": rules}
            self._store.apply(wanted, manager=NAME, force=True)
        return None
