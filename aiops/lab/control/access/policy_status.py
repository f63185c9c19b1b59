"""What is said of ValidatingAdmissionPolicies: that they were seen. Their types are not checked here."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.lab.control.controller import Controller
from aiops.lab.kube.objects import Key, deleting, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

NAME = "validatingadmissionpolicy-status"
"""Its field manager; its account has `-controller` behind it."""

_KIND = "ValidatingAdmissionPolicy"


class PolicyStatus(Controller):
    """Looks after the status of policies."""

    account = f"{NAME}-controller"
    hears = (_KIND,)

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == _KIND and write.type != "DELETED":
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        policy = self._store.find(_KIND, *key)
        if policy is None or deleting(policy):
            return None
        generation = policy["metadata"].get("generation", 1)
        if (policy.get("status") or {}).get("observedGeneration") != generation:
            seen = {field: policy[field] for field in ("apiVersion", "kind")}
            seen |= {"metadata": {"name": key[1]}, "status": {"observedGeneration": generation, "typeChecking": {}}}
            self._store.apply(seen, manager=NAME, force=True, subresource="status")
        return None
