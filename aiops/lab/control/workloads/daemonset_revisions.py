"""The revisions of a DaemonSet's template."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.workloads.controller_revisions import POD_HASH, by_number, data_of, hash_of, new_revision
from aiops.lab.control.workloads.owning import Dependents
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import key_of, labels_of, with_metadata
from aiops.lab.kube.storage.store import ObjectStore


class DaemonHistory:
    """Keeps the ControllerRevisions of DaemonSets."""

    def __init__(self, store: ObjectStore, dependents: Dependents) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._dependents = dependents

    def construct(self, owner: Manifest, pods: list[Manifest]) -> tuple[Manifest, list[Manifest]]:
        """The revision of the present template, made or numbered anew where need be, and the others."""
        data = data_of(owner)
        known = sorted(self._dependents.claim(owner), key=by_number)
        current = [item for item in known if item["data"] == data]
        old = [item for item in known if item["data"] != data]
        number = max((item["revision"] for item in old), default=0) + 1
        if not current:
            return self._snapshot(owner, number), old
        kept = self._only(current, pods)
        if kept["revision"] < number:
            kept = self._client.update({**kept, "revision": number})
        return kept, old

    def _only(self, current: list[Manifest], pods: list[Manifest]) -> Manifest:
        """One of several revisions with the same template; the pods of the others become pods of this one."""
        kept = current[-1]
        for other in current[:-1]:
            digest = labels_of(other).get(POD_HASH)
            for pod in pods:
                if labels_of(pod).get(POD_HASH) == digest:
                    labels = {**labels_of(pod), POD_HASH: labels_of(kept).get(POD_HASH, "")}
                    self._client.update(with_metadata(pod, labels=labels))
            self._client.delete("ControllerRevision", key_of(other))
        return kept

    def _snapshot(self, owner: Manifest, number: int) -> Manifest:
        status = owner.get("status") or {}
        wanted = new_revision(owner, number, hash_of(data_of(owner), status.get("collisionCount")), POD_HASH)
        try:
            return self._client.create(wanted)
        except ApiError as error:
            there = self._store.find("ControllerRevision", *key_of(wanted))
            if error.reason != "AlreadyExists" or there is None:
                raise
            if there["data"] == wanted["data"]:
                return there
            self._client.update_status(owner, {**status, "collisionCount": status.get("collisionCount", 0) + 1})
            raise

    def clean_up(self, owner: Manifest, old: list[Manifest], pods: list[Manifest]) -> None:
        """Delete the oldest revisions beyond the limit, but for those that pods have."""
        live = {labels_of(pod).get(POD_HASH) for pod in pods}
        surplus = len(old) - owner["spec"].get("revisionHistoryLimit", 10)
        idle = [item for item in old if labels_of(item).get(POD_HASH) not in live]
        for item in idle[: max(surplus, 0)]:
            self._client.delete("ControllerRevision", key_of(item))
