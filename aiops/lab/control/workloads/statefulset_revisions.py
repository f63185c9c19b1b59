"""Which revision of a StatefulSet is the current one, and to which one it is updated."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.workloads.controller_revisions import (
    POD_HASH,
    by_number,
    data_of,
    hash_of,
    new_revision,
)
from aiops.lab.control.workloads.owning import Dependents
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import key_of, labels_of
from aiops.lab.kube.storage.store import ObjectStore

HASH = "controller.kubernetes.io/hash"


@dataclass(frozen=True, slots=True)
class Revisions:
    """The two revisions of a rollout, all that there were, and how often a hash was taken."""

    current: Manifest
    update: Manifest
    known: list[Manifest]
    collisions: int

    @property
    def current_name(self) -> str:
        return str(self.current["metadata"]["name"])

    @property
    def update_name(self) -> str:
        return str(self.update["metadata"]["name"])


class RevisionHistory:
    """Keeps the ControllerRevisions of StatefulSets."""

    def __init__(self, store: ObjectStore, dependents: Dependents) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._dependents = dependents

    def revisions(self, owner: Manifest) -> Revisions:
        """The revisions of a set; one of its present template is made where it is missing. Raises `ApiError`."""
        status = owner.get("status") or {}
        known = sorted(self._dependents.claim(owner), key=by_number)
        update, collisions = self._update_revision(owner, known, status.get("collisionCount", 0))
        named = (item for item in known if item["metadata"]["name"] == status.get("currentRevision"))
        return Revisions(next(named, update), update, known, collisions)

    def _update_revision(self, owner: Manifest, known: list[Manifest], collisions: int) -> tuple[Manifest, int]:
        data = data_of(owner)
        number = known[-1]["revision"] + 1 if known else 1
        equal = [item for item in known if item["data"] == data]
        if not equal:
            return self._create(owner, number, collisions)
        if known[-1]["data"] == data:
            return known[-1], collisions
        return self._client.update({**equal[-1], "revision": number}), collisions

    def _create(self, owner: Manifest, number: int, collisions: int) -> tuple[Manifest, int]:
        while True:
            wanted = new_revision(owner, number, hash_of(data_of(owner), collisions), HASH)
            try:
                return self._client.create(wanted), collisions
            except ApiError as error:
                there = self._store.find("ControllerRevision", *key_of(wanted))
                if error.reason != "AlreadyExists" or there is None:
                    raise
                if there["data"] == wanted["data"]:
                    return there, collisions
                collisions += 1

    def truncate(self, owner: Manifest, pods: list[Manifest], revisions: Revisions) -> None:
        """Delete the oldest revisions beyond the limit of those that no pod has."""
        live = {revisions.current_name, revisions.update_name, *(labels_of(pod).get(POD_HASH, "") for pod in pods)}
        idle = [item for item in revisions.known if item["metadata"]["name"] not in live]
        limit = owner["spec"].get("revisionHistoryLimit", 10)
        for item in idle[: max(len(idle) - limit, 0)]:
            self._client.delete("ControllerRevision", key_of(item))
