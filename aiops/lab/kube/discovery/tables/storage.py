"""The columns of volumes, claims, and what provides them."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import AGE, NAME, Cell, Column, count, joined, path
from aiops.lab.kube.objects import annotations_of, deleting

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULTS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def _modes(modes: list[str] | None) -> str:
    found = modes or ()
    return ",".join(short for mode, short in _MODES.items() if mode in found)


def _phase(item: Manifest, _now: float) -> str:
    return "Terminating" if deleting(item) else str((item.get("status") or {}).get("phase", ""))


def _storage_class(item: Manifest, _now: float) -> str:
    return annotations_of(item).get(_CLASS) or str(item["spec"].get("storageClassName") or "")


def _claim(item: Manifest, _now: float) -> str:
    ref = item["spec"].get("claimRef")
    return f"{ref.get('namespace', '')}/{ref.get('name', '')}" if ref else ""


def _size(amounts: dict[str, Any] | None) -> str:
    return str((amounts or {}).get("storage", "0"))


def _attributes_class(part: str) -> Column:
    cell = path("spec", "volumeAttributesClassName", missing="<unset>")
    return Column("VolumeAttributesClass", cell, f"VolumeAttributesClass of the {part}")


PERSISTENT_VOLUME = (
    NAME,
    Column("Capacity", lambda item, _now: _size(item["spec"].get("capacity")), "core/v1.PersistentVolumeSpec:capacity"),
    Column("Access Modes", lambda item, _now: _modes(item["spec"].get("accessModes")),
           "core/v1.PersistentVolumeSpec:accessModes"),
    Column("Reclaim Policy", path("spec", "persistentVolumeReclaimPolicy", missing=""),
           "core/v1.PersistentVolumeSpec:persistentVolumeReclaimPolicy"),
    Column("Status", _phase, "core/v1.PersistentVolumeStatus:phase"),
    Column("Claim", _claim, "claimRef is part of a bi-directional binding between PersistentVolume and "
           "PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind "
           "between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding"),
    Column("StorageClass", _storage_class, "StorageClass of the pv"),
    _attributes_class("pv"),
    Column("Reason", path("status", "reason", missing=""), "core/v1.PersistentVolumeStatus:reason"),
    AGE,
    Column("VolumeMode", path("spec", "volumeMode", missing="<unset>"), "core/v1.PersistentVolumeSpec:volumeMode",
           wide=True),
)  # fmt: skip


def _when_bound(show: Cell) -> Cell:
    return lambda item, now: show(item, now) if item["spec"].get("volumeName") else ""


_CLAIM = "core/v1.PersistentVolumeClaim"
PERSISTENT_VOLUME_CLAIM = (
    NAME,
    Column("Status", _phase, f"{_CLAIM}Status:phase"),
    Column("Volume", path("spec", "volumeName", missing=""), f"{_CLAIM}Spec:volumeName"),
    Column("Capacity", _when_bound(lambda item, _now: _size((item.get("status") or {}).get("capacity"))),
           f"{_CLAIM}Status:capacity"),
    Column("Access Modes", _when_bound(lambda item, _now: _modes((item.get("status") or {}).get("accessModes"))),
           f"{_CLAIM}Status:accessModes"),
    Column("StorageClass", _storage_class, "StorageClass of the pvc"),
    _attributes_class("pvc"),
    AGE,
    Column("VolumeMode", path("spec", "volumeMode", missing="<unset>"), f"{_CLAIM}Spec:volumeMode", wide=True),
)  # fmt: skip


def _class_name(item: Manifest, _now: float) -> str:
    marked = any(annotations_of(item).get(name) == "true" for name in _DEFAULTS)
    return str(item["metadata"]["name"]) + (" (default)" if marked else "")


STORAGE_CLASS = (
    Column("Name", _class_name, NAME.said, format="name"),
    Column("Provisioner", path("provisioner", missing=""), "storage/v1.StorageClass:provisioner"),
    Column("ReclaimPolicy", path("reclaimPolicy", missing="Delete"), "storage/v1.StorageClass:reclaimPolicy"),
    Column("VolumeBindingMode", path("volumeBindingMode", missing="Immediate"),
           "storage/v1.StorageClass:volumeBindingMode"),
    Column("AllowVolumeExpansion", path("allowVolumeExpansion", missing=False),
           "storage/v1.StorageClass:allowVolumeExpansion"),
    AGE,
)  # fmt: skip

VOLUME_ATTRIBUTES_CLASS = (
    NAME,
    Column("DriverName", path("driverName", missing=""), "storage/v1.VolumeAttributesClass:driverName"),
    AGE,
)

VOLUME_ATTACHMENT = (
    NAME,
    Column("Attacher", path("spec", "attacher", missing=""), "storage/v1.VolumeAttachmentSpec:attacher", format="name"),
    Column("PV", path("spec", "source", "persistentVolumeName", missing=""),
           "storage/v1.VolumeAttachmentSource:persistentVolumeName"),
    Column("Node", path("spec", "nodeName", missing=""), "storage/v1.VolumeAttachmentSpec:nodeName"),
    Column("Attached", path("status", "attached", missing=False), "storage/v1.VolumeAttachmentStatus:attached",
           type="boolean"),
    AGE,
)  # fmt: skip

CSI_NODE = (
    NAME,
    Column("Drivers", count("spec", "drivers"),
           "Drivers indicates the number of CSI drivers registered on the node", type="integer"),
    AGE,
)  # fmt: skip


def _flag(name: str, field: str, missing: bool) -> Column:
    return Column(name, path("spec", field, missing=missing), f"storage/v1.CSIDriverSpec:{field}", type="boolean")


def _tokens(item: Manifest, _now: float) -> str:
    requests = item["spec"].get("tokenRequests")
    return "<unset>" if requests is None else ",".join(each.get("audience", "") for each in requests)


CSI_DRIVER = (
    NAME,
    _flag("AttachRequired", "attachRequired", True),
    _flag("PodInfoOnMount", "podInfoOnMount", False),
    _flag("StorageCapacity", "storageCapacity", False),
    Column("TokenRequests", _tokens, "storage/v1.CSIDriverSpec:tokenRequests"),
    _flag("RequiresRepublish", "requiresRepublish", False),
    Column("Modes", lambda item, _now: joined(item["spec"].get("volumeLifecycleModes") or ()),
           "storage/v1.CSIDriverSpec:volumeLifecycleModes"),
    AGE,
)  # fmt: skip

CSI_STORAGE_CAPACITY = (
    NAME,
    Column("StorageClassName", path("storageClassName", missing=""), "storage/v1.CSIStorageCapacity:storageClassName"),
    Column("Capacity", path("capacity", missing="<unset>"), "storage/v1.CSIStorageCapacity:capacity"),
)
