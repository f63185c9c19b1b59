"""The Deployment controller: a ReplicaSet for each version of the template, and the way from one to the next."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import EventRecorder
from aiops.lab.control.workloads import deployment_status as status
from aiops.lab.control.workloads.deployment_scaling import Scaler
from aiops.lab.control.workloads.deployment_versions import Version, Versions
from aiops.lab.control.workloads.owning import Dependents
from aiops.lab.control.workloads.pods import is_finished
from aiops.lab.control.workloads.revisions import DESIRED, number, old_to_delete
from aiops.lab.kube.objects import Key, controller_of, deleting, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class DeploymentController(Controller):
    """Rolls Deployments out."""

    account = "deployment-controller"
    hears = ("Deployment", "ReplicaSet", "Pod")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._replica_sets = Dependents(store, "Deployment", "ReplicaSet")
        self._versions = Versions(store, events)
        self._scaler = Scaler(store, events)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Deployment" and write.type != "DELETED":
            yield key_of(write.new)
        elif write.kind == "ReplicaSet":
            yield from self._replica_sets.owners_to_wake(write)
        elif write.kind == "Pod" and write.type == "DELETED" and (owner := controller_of(write.new)):
            # A Deployment that recreates waits for its last old pod.
            replica_set = self._store.find("ReplicaSet", write.new["metadata"]["namespace"], owner["name"])
            if replica_set is not None and (above := controller_of(replica_set)):
                yield write.new["metadata"]["namespace"], above["name"]

    def sync(self, key: Key) -> float | None:
        deployment = self._store.find("Deployment", *key)
        if deployment is None:
            return None
        found = self._replica_sets.claim(deployment)
        if deleting(deployment):
            self._report(self._versions.find(deployment, found), rollout=False)
            return None
        if (changed := status.paused(deployment, self._store.now())) is not None:
            deployment = self._client.update_status(deployment, changed)
        version = self._versions.find(deployment, found)
        if deployment["spec"].get("paused") or self._resized(version):
            self._scaler.resize(version)
            if deployment["spec"].get("paused"):
                self._clean_up(version)
            self._report(self._versions.reread(version), rollout=False)
            return None
        if deployment["spec"]["strategy"]["type"] == "Recreate":
            version = self._recreate(version)
        else:
            version = self._roll(version)
        deployment = self._report(self._versions.reread(version), rollout=True)
        return status.stuck_at(deployment, self._store.now())

    def _resized(self, version: Version) -> bool:
        """Was the Deployment scaled since its ReplicaSets were last sized?"""
        wanted = version.deployment["spec"]["replicas"]
        sized = [number(item, DESIRED) for item in version.everything if item["spec"]["replicas"]]
        return any(size is not None and size != wanted for size in sized)

    def _roll(self, version: Version) -> Version:
        version = self._versions.ensure_new(version)
        if not self._scaler.grow_new(version) and not self._scaler.shrink_old(version):
            self._clean_up_when_done(version)
        return version

    def _recreate(self, version: Version) -> Version:
        """End the old pods; once they are gone, start the new ones."""
        if self._scaler.empty(version, version.old) or self._old_pods_run(version):
            return version
        version = self._versions.ensure_new(version)
        self._scaler.grow_new(version)
        self._clean_up_when_done(version)
        return version

    def _old_pods_run(self, version: Version) -> bool:
        if any((item.get("status") or {}).get("replicas") for item in version.old):
            return True
        pods = (pod for item in version.old for pod in self._store.owned(uid_of(item), "Pod"))
        return any(not is_finished(pod) for pod in pods)

    def _clean_up_when_done(self, version: Version) -> None:
        if status.complete(version.deployment, version.deployment.get("status") or {}):
            self._clean_up(version)

    def _clean_up(self, version: Version) -> None:
        """Delete old versions beyond the history's limit."""
        limit = version.deployment["spec"].get("revisionHistoryLimit", status.NO_DEADLINE)
        for item in old_to_delete(version.old, limit) if limit != status.NO_DEADLINE else ():
            self._client.delete("ReplicaSet", key_of(item))

    def _report(self, version: Version, *, rollout: bool) -> Manifest:
        work_out = status.rolled_out if rollout else status.counted
        wanted = work_out(version.deployment, version.new, version.old, self._store.now())
        return self._client.update_status(version.deployment, wanted)
