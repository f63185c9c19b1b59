"""The versions of a Deployment: which ReplicaSet is of its current template, and which are of older ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads import deployment_status as status
from aiops.lab.control.workloads.owning import controlled_by
from aiops.lab.control.workloads.pods import is_terminating
from aiops.lab.control.workloads.revisions import REVISION, new_replica_set, same_template, with_revision
from aiops.lab.control.workloads.rollout import bounds, new_replicas
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import annotations_of, condition, key_of, with_annotations
from aiops.lab.kube.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Version:
    """A Deployment, the ReplicaSet of its current template (None before it is made), and the others, oldest first."""

    deployment: Manifest
    new: Manifest | None
    old: list[Manifest]

    @property
    def everything(self) -> list[Manifest]:
        return [*self.old, self.new] if self.new else self.old


class Versions:
    """Finds and makes ReplicaSets, and numbers them."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events

    def find(self, deployment: Manifest, replica_sets: list[Manifest]) -> Version:
        """The versions among these, with the new one's revision above the others' and the Deployment's the same."""
        found = sorted(replica_sets, key=_age)
        new = next((item for item in found if same_template(deployment, item)), None)
        return self._numbered(Version(deployment, new, [item for item in found if item is not new]))

    def reread(self, version: Version) -> Version:
        """The same as it is stored now."""
        old = [item for item in (self._store.find("ReplicaSet", *key_of(item)) for item in version.old) if item]
        new = self._store.find("ReplicaSet", *key_of(version.new)) if version.new else None
        return Version(self._store.get("Deployment", *key_of(version.deployment)), new, old)

    def ensure_new(self, version: Version) -> Version:
        """Make the ReplicaSet of the current template where it is missing. Raises `ApiError`."""
        if version.new is not None:
            return version
        deployment, wanted = version.deployment, version.deployment["spec"]["replicas"]
        recreates = deployment["spec"]["strategy"]["type"] == "Recreate"
        total = sum(item["spec"]["replicas"] for item in version.old)
        size = wanted if recreates else new_replicas(wanted, bounds(deployment["spec"]["strategy"], wanted), 0, total)
        made = self._create(version, new_replica_set(deployment, version.old, size))
        if size:
            text = f"Scaled up replica set {made['metadata']['name']} from 0 to {size}"
            self._events.record(deployment, NORMAL, "ScalingReplicaSet", text)
        text = f'Created new replica set "{made["metadata"]["name"]}"'
        deployment = self._announce(deployment, made, status.progressing("True", "NewReplicaSetCreated", text))
        return Version(deployment, made, version.old)

    def _numbered(self, version: Version) -> Version:
        new, deployment = version.new, version.deployment
        if new is None:
            return version
        wanted = with_revision(new, deployment, version.old)
        delay = deployment["spec"].get("minReadySeconds", 0)
        if delay != new["spec"].get("minReadySeconds", 0):
            wanted = {**wanted, "spec": {**wanted["spec"], "minReadySeconds": delay}}
        if wanted is not new:
            new = self._client.update(wanted)
        entry = None
        if condition(deployment, "Progressing") is None:
            entry = status.progressing(
                "True", "FoundNewReplicaSet", f'Found new replica set "{new["metadata"]["name"]}"'
            )
        return replace(version, new=new, deployment=self._announce(deployment, new, entry))

    def _announce(self, deployment: Manifest, new: Manifest, entry: status.Condition | None) -> Manifest:
        """Write the current revision on the Deployment, and what became of it."""
        revision = annotations_of(new).get(REVISION, "")
        before = deployment.get("status") or {}
        known = annotations_of(deployment).get(REVISION) == revision
        if entry is None or not status.has_deadline(deployment):
            wanted = before
        else:
            wanted = status.with_condition(deployment, entry, self._store.now())
        if known and wanted == before:
            return deployment
        return self._client.write_status(with_annotations(deployment, {REVISION: revision}), wanted)

    def _create(self, version: Version, wanted: Manifest) -> Manifest:
        deployment = version.deployment
        try:
            return self._client.create(wanted)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                return self._collided(deployment, wanted, error)
            if not is_terminating(error):
                self._tell_failure(deployment, wanted, error)
            raise

    def _collided(self, deployment: Manifest, wanted: Manifest, error: ApiError) -> Manifest:
        """Another object has the name: the next try hashes to another one."""
        there = self._store.find("ReplicaSet", *key_of(wanted))
        if there is not None and controlled_by(there, deployment) and same_template(deployment, there):
            return there
        before = deployment.get("status") or {}
        self._client.update_status(deployment, {**before, "collisionCount": before.get("collisionCount", 0) + 1})
        raise error

    def _tell_failure(self, deployment: Manifest, wanted: Manifest, error: ApiError) -> None:
        text = f'Failed to create new replica set "{wanted["metadata"]["name"]}": {error}'
        if status.has_deadline(deployment):
            entry = status.progressing("False", "ReplicaSetCreateError", text)
            self._client.update_status(deployment, status.with_condition(deployment, entry, self._store.now()))
        self._events.record(deployment, WARNING, "ReplicaSetCreateError", text)


def _age(replica_set: Manifest) -> tuple[str, str]:
    return replica_set["metadata"]["creationTimestamp"], replica_set["metadata"]["name"]
