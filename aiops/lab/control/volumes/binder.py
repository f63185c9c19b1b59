"""The persistent volume controller: brings claims and volumes together, and gives released volumes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.volumes.classes import (
    PROVISIONER_NONE,
    claim_class,
    claim_names,
    class_of,
    default_class,
    waits_for_consumer,
)
from aiops.lab.control.volumes.matching import (
    BIND_COMPLETED,
    BOUND_BY_CONTROLLER,
    PROVISIONED_BY,
    SELECTED_NODE,
    bind_to,
    find_matching,
    is_bound_to,
    misfit,
    mode,
)
from aiops.lab.kube.objects import Key, annotations_of, deleting, key_of, uid_of, with_annotations
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

RESYNC = 15.0
"""Seconds until a claim that found nothing is looked at again."""

PROVISIONER = "volume.kubernetes.io/storage-provisioner"
OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"


class PersistentVolumeBinder(Controller):
    """Keys of claims are (namespace, name); those of volumes have no namespace."""

    account = "persistent-volume-binder"
    hears = ("PersistentVolumeClaim", "PersistentVolume", "StorageClass")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events

    def keys(self, write: Write) -> Iterable[Key]:
        kind, new = write.kind, write.new
        if kind == "PersistentVolumeClaim":
            if write.type != "DELETED":
                yield key_of(new)
            name = new["spec"].get("volumeName")
            if name and self._store.find("PersistentVolume", "", name) is not None:
                yield "", name
        elif kind == "PersistentVolume":
            if write.type != "DELETED":
                yield key_of(new)
            reference = new["spec"].get("claimRef")
            if reference:
                yield reference.get("namespace", ""), reference.get("name", "")
            elif write.old is None or (write.old.get("status") or {}) != (new.get("status") or {}):
                yield from self._unbound()
        elif kind == "StorageClass" and write.type == "ADDED":
            yield from self._unbound()

    def _unbound(self) -> Iterable[Key]:
        for claim in self._store.objects("PersistentVolumeClaim"):
            if BIND_COMPLETED not in annotations_of(claim):
                yield key_of(claim)

    def sync(self, key: Key) -> float | None:
        if not key[0]:
            volume = self._store.find("PersistentVolume", *key)
            if volume is not None:
                self._sync_volume(volume)
            return None
        claim = self._store.find("PersistentVolumeClaim", *key)
        if claim is None:
            return None
        if BIND_COMPLETED in annotations_of(claim):
            self._sync_bound(claim)
            return None
        return self._sync_unbound(claim)

    # ---- claims

    def _sync_unbound(self, claim: Manifest) -> float | None:
        if claim["spec"].get("volumeName"):
            return self._sync_named(claim)
        volume = find_matching(self._store, claim, None)
        if volume is not None:
            self._bind(volume, claim)
            return None
        if self._take_default_class(claim):
            return None
        if waits_for_consumer(self._store, claim) and SELECTED_NODE not in annotations_of(claim):
            self._tell_waiting(claim)
        elif claim_class(claim):
            return self._ask_provisioner(claim)
        else:
            message = "no persistent volumes available for this claim and no storage class is set"
            self._events.record(claim, NORMAL, "FailedBinding", message)
        self._set_claim(claim, "Pending")
        return self._store.now() + RESYNC

    def _take_default_class(self, claim: Manifest) -> bool:
        """A claim that was made before there was a default class gets it when there is one."""
        found = default_class(self._store) if claim["spec"].get("storageClassName") is None else None
        if found is None:
            return False
        spec = {**claim["spec"], "storageClassName": found["metadata"]["name"]}
        self._client.update({**claim, "spec": spec})
        return True

    def _tell_waiting(self, claim: Manifest) -> None:
        name = claim["metadata"]["name"]
        pods = [
            pod["metadata"]["name"]
            for pod in self._store.objects("Pod", claim["metadata"]["namespace"])
            if name in claim_names(pod) and not pod["spec"].get("nodeName") and not deleting(pod)
        ]
        if pods:
            noun = "pod" if len(pods) == 1 else "pods"
            message = f"waiting for {noun} {','.join(pods)} to be scheduled"
            self._events.record(claim, NORMAL, "WaitForPodScheduled", message)
        else:
            message = "waiting for first consumer to be created before binding"
            self._events.record(claim, NORMAL, "WaitForFirstConsumer", message)

    def _ask_provisioner(self, claim: Manifest) -> float | None:
        found = class_of(self._store, claim_class(claim))
        if found is None:
            message = f'storageclass.storage.k8s.io "{claim_class(claim)}" not found'
            self._events.record(claim, WARNING, "ProvisioningFailed", message)
            self._set_claim(claim, "Pending")
            return self._store.now() + RESYNC
        name = found["provisioner"]
        if name == PROVISIONER_NONE:
            message = "no volume plugin matched name: kubernetes.io/no-provisioner"
            self._events.record(claim, WARNING, "ProvisioningFailed", message)
            return self._store.now() + RESYNC
        self._client.update(with_annotations(claim, {OLD_PROVISIONER: name, PROVISIONER: name}))
        message = (
            f"Waiting for a volume to be created either by the external provisioner '{name}' or manually by the system "
            "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
            "registered."
        )
        self._events.record(claim, NORMAL, "ExternalProvisioning", message)
        return self._store.now() + RESYNC

    def _sync_named(self, claim: Manifest) -> float | None:
        """A claim that names its volume."""
        name = claim["spec"]["volumeName"]
        volume = self._store.find("PersistentVolume", "", name)
        if volume is None:
            self._set_claim(claim, "Pending")
            return self._store.now() + RESYNC
        free = not volume["spec"].get("claimRef")
        why = misfit(volume, claim) if free else ""
        if (free and not why) or is_bound_to(volume, claim):
            self._bind(volume, claim)
            return None
        if why:
            message = f'Cannot bind to requested volume "{name}": {why}'
            self._events.record(claim, WARNING, "VolumeMismatch", message)
        else:
            message = f'volume "{name}" already bound to a different claim.'
            self._events.record(claim, WARNING, "FailedBinding", message)
        self._set_claim(claim, "Pending")
        return self._store.now() + RESYNC

    def _sync_bound(self, claim: Manifest) -> None:
        name = claim["spec"].get("volumeName")
        volume = self._store.find("PersistentVolume", "", name) if name else None
        lost = ""
        if not name:
            lost = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
        elif volume is None:
            lost = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
        if volume is not None and not lost:
            reference = volume["spec"].get("claimRef")
            if not reference or reference.get("uid") == uid_of(claim):
                self._bind(volume, claim)
                return
        reason = "ClaimLost" if lost else "ClaimMisbound"
        message = lost or "Two claims are bound to the same volume, this one is bound incorrectly"
        if (claim.get("status") or {}).get("phase") != "Lost":
            lost_claim = self._client.update_status(claim, {"phase": "Lost"})
            self._events.record(lost_claim, WARNING, reason, message)

    def _bind(self, volume: Manifest, claim: Manifest) -> None:
        """Reserve, mark and report both sides."""
        bound = bind_to(volume, claim)
        if bound is not volume:
            volume = self._client.update(bound)
        self._set_volume(volume, "Bound")
        name = volume["metadata"]["name"]
        marks = {BIND_COMPLETED: "yes"}
        changed = claim
        if claim["spec"].get("volumeName") != name:
            changed = {**claim, "spec": {**claim["spec"], "volumeName": name}}
            marks[BOUND_BY_CONTROLLER] = "yes"
        changed = with_annotations(changed, marks)
        if changed["spec"] != claim["spec"] or annotations_of(changed) != annotations_of(claim):
            changed = self._client.update(changed)
        self._set_claim(changed, "Bound", volume)

    def _set_claim(self, claim: Manifest, phase: str, volume: Manifest | None = None) -> None:
        before = claim.get("status") or {}
        status: dict[str, Any] = {**before, "phase": phase}
        if volume is not None:
            status["accessModes"] = volume["spec"].get("accessModes") or []
            if before.get("phase") != "Bound":
                status["capacity"] = volume["spec"].get("capacity") or {}
        elif phase == "Pending":
            status = {"phase": phase}
        self._client.update_status(claim, status)

    # ---- volumes

    def _sync_volume(self, volume: Manifest) -> None:
        reference = volume["spec"].get("claimRef")
        if not reference or not reference.get("uid"):
            self._set_volume(volume, "Available")
            return
        claim = self._store.find("PersistentVolumeClaim", reference.get("namespace", ""), reference.get("name", ""))
        if claim is None or uid_of(claim) != reference["uid"]:
            if (volume.get("status") or {}).get("phase") not in ("Released", "Failed"):
                volume = self._set_volume(volume, "Released")
            self._reclaim(volume)
        elif claim["spec"].get("volumeName") == volume["metadata"]["name"]:
            self._set_volume(volume, "Bound")
        elif not claim["spec"].get("volumeName"):
            if mode(volume) != mode(claim):
                self._tell_mode(volume, claim)
        elif BOUND_BY_CONTROLLER in annotations_of(volume):
            self._unbind(volume)

    def _tell_mode(self, volume: Manifest, claim: Manifest) -> None:
        name, wanted = volume["metadata"]["name"], claim["metadata"]["name"]
        tail = "due to incompatible volumeMode."
        message = f'Cannot bind PersistentVolume to requested PersistentVolumeClaim "{wanted}" {tail}'
        self._events.record(volume, WARNING, "VolumeMismatch", message)
        message = f'Cannot bind PersistentVolume "{name}" to requested PersistentVolumeClaim {tail}'
        self._events.record(claim, WARNING, "VolumeMismatch", message)

    def _unbind(self, volume: Manifest) -> None:
        """The claim got another volume: this one is free again."""
        spec = {key: value for key, value in volume["spec"].items() if key != "claimRef"}
        kept = {key: value for key, value in annotations_of(volume).items() if key != BOUND_BY_CONTROLLER}
        metadata = {**volume["metadata"], "annotations": kept}
        self._set_volume(self._client.update({**volume, "metadata": metadata, "spec": spec}), "Available")

    def _reclaim(self, volume: Manifest) -> None:
        """What the reclaim policy asks for, where no provisioner has to do it."""
        policy = volume["spec"].get("persistentVolumeReclaimPolicy")
        provisioner = annotations_of(volume).get(PROVISIONED_BY)
        if policy != "Delete" or provisioner:
            return
        if (volume.get("status") or {}).get("phase") != "Failed":
            message = "error getting deleter volume plugin for volume " + (
                f'"{volume["metadata"]["name"]}": no deletable volume plugin matched'
            )
            failed = self._set_volume(volume, "Failed", message)
            self._events.record(failed, WARNING, "VolumeFailedDelete", message)

    def _set_volume(self, volume: Manifest, phase: str, message: str = "") -> Manifest:
        before = volume.get("status") or {}
        if before.get("phase") == phase and before.get("message", "") == message:
            return volume
        status = {"phase": phase}
        return self._client.update_status(volume, {**status, "message": message} if message else status)
