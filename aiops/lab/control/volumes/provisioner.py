"""The provisioner of the lab: makes a volume on the pod's node for each claim of its classes, and deletes it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aiops.core.entity import Manifest
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.scheduling.spread import HOSTNAME
from aiops.lab.control.volumes.binder import PROVISIONER
from aiops.lab.control.volumes.classes import claim_class, class_of
from aiops.lab.control.volumes.matching import PROVISIONED_BY, SELECTED_NODE, reference_to
from aiops.lab.kube.access.user import AUTHENTICATED, User, service_account
from aiops.lab.kube.objects import Key, annotations_of, deleting, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

NAME = "rancher.io/local-path"
MANAGER = "local-path-provisioner"
_ACCOUNT = service_account("local-path-storage", "local-path-provisioner-service-account")
_USER = replace(_ACCOUNT, groups=(*_ACCOUNT.groups, AUTHENTICATED))
SECONDS = 2.0
"""How long making a volume takes."""


class LocalPathProvisioner(Controller):
    """Works for StorageClasses with its name as provisioner."""

    hears = ("PersistentVolumeClaim", "PersistentVolume")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events
        self._ready: dict[str, float] = {}

    def user(self, _key: Key) -> User:
        return _USER

    def keys(self, write: Write) -> Iterable[Key]:
        if write.type == "DELETED":
            return
        marks, new = annotations_of(write.new), write.new
        asked = write.kind == "PersistentVolumeClaim" and marks.get(PROVISIONER) == NAME
        provisioned = write.kind == "PersistentVolume" and marks.get(PROVISIONED_BY) == NAME
        if provisioned or (asked and not new["spec"].get("volumeName")):
            yield key_of(new)

    def sync(self, key: Key) -> float | None:
        if key[0]:
            return self._provision(key)
        volume = self._store.find("PersistentVolume", *key)
        if volume is not None and not deleting(volume):
            released = (volume.get("status") or {}).get("phase") == "Released"
            if released and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
                self._store.delete("PersistentVolume", *key)
        return None

    def _provision(self, key: Key) -> float | None:
        claim = self._store.find("PersistentVolumeClaim", *key)
        if claim is None or claim["spec"].get("volumeName") or deleting(claim):
            return None
        uid, now = uid_of(claim), self._store.now()
        storage_class = class_of(self._store, claim_class(claim))
        if storage_class is None or storage_class["provisioner"] != NAME:
            return None
        if uid not in self._ready:
            self._ready[uid] = now + SECONDS
            message = f'External provisioner is provisioning volume for claim "{"/".join(key)}"'
            self._events.record(claim, NORMAL, "Provisioning", message)
        if now < self._ready[uid]:
            return self._ready[uid]
        del self._ready[uid]
        volume = self._volume(claim, storage_class)
        name = volume["metadata"]["name"]
        if self._store.find("PersistentVolume", "", name) is None:
            self._store.create(volume, manager=MANAGER)
            self._events.record(claim, NORMAL, "ProvisioningSucceeded", f"Successfully provisioned volume {name}")
        return None

    def _volume(self, claim: Manifest, storage_class: Manifest) -> Manifest:
        metadata, name = claim["metadata"], f"pvc-{uid_of(claim)}"
        path = f"/var/local-path-provisioner/{name}_{metadata['namespace']}_{metadata['name']}"
        spec = {
            "accessModes": claim["spec"].get("accessModes") or ["ReadWriteOnce"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "claimRef": reference_to(claim),
            "hostPath": {"path": path, "type": "DirectoryOrCreate"},
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy") or "Delete",
            "storageClassName": storage_class["metadata"]["name"],
            "volumeMode": claim["spec"].get("volumeMode") or "Filesystem",
        }
        node = annotations_of(claim).get(SELECTED_NODE)
        if node:
            term = {"matchExpressions": [{"key": HOSTNAME, "operator": "In", "values": [node]}]}
            spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
        annotations = {PROVISIONED_BY: NAME}
        if node:
            annotations["local.path.provisioner/selected-node"] = node
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name, "annotations": annotations},
            "spec": spec,
        }
