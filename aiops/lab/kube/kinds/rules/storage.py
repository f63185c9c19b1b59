"""PersistentVolumes, their claims, and StorageClasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, forbidden, invalid_value, not_supported, required, too_long
from aiops.lab.kube.kinds.checks.differences import difference, internal
from aiops.lab.kube.kinds.checks.formats import dns_subdomain
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.checks.numbers import POSITIVE, amount
from aiops.lab.kube.kinds.checks.quantities import plain_list
from aiops.lab.kube.kinds.podspec.affinity import node_selector
from aiops.lab.kube.kinds.podspec.defaults import claim_spec
from aiops.lab.kube.kinds.podspec.volumes import SOURCES
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_RECLAIM = ("Delete", "Recycle", "Retain")
_BINDING = ("Immediate", "WaitForFirstConsumer")
_VOLUME_SOURCES = ("hostPath", "nfs", "csi", "local", "awsElasticBlockStore", "gcePersistentDisk", "azureDisk",
                   "azureFile", "fc", "iscsi", "rbd", "cephfs", "cinder", "glusterfs", "flexVolume",
                   "vsphereVolume")  # fmt: skip
_MOST_PARAMETERS = 512


def _access_modes(spec: Spec, path: str, why: str = "") -> Iterator[Cause]:
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(f"{path}.accessModes", why)
    for mode in modes:
        if mode not in _MODES:
            yield not_supported(f"{path}.accessModes", mode, _MODES)
    if "ReadWriteOncePod" in modes and len({mode for mode in modes if mode in _MODES}) > 1:
        yield forbidden(f"{path}.accessModes", "may not use ReadWriteOncePod with other access modes")


def claim_spec_problems(spec: Spec, path: str) -> Iterator[Cause]:
    """As `ValidatePersistentVolumeClaimSpec`."""
    yield from _claim_modes(spec, path)
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if size is None:
        yield required(f"{path}.resources[storage]")
    elif not amount(size) > 0:
        yield invalid_value(f"{path}.resources[storage]", size, POSITIVE)
    if spec.get("storageClassName"):
        for why in dns_subdomain(spec["storageClassName"]):
            yield invalid_value(f"{path}.storageClassName", spec["storageClassName"], why)
    if spec.get("volumeMode") not in (None, *_VOLUME_MODES):
        yield not_supported(f"{path}.volumeMode", spec["volumeMode"], _VOLUME_MODES)
    for field in ("dataSource", "dataSourceRef"):
        if field in spec:
            yield from _source_reference(spec[field], f"{path}.{field}")


def _claim_modes(spec: Spec, path: str) -> Iterator[Cause]:
    if not spec.get("accessModes"):
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    yield from label_selector(spec.get("selector"), f"{path}.selector")
    if spec.get("accessModes"):
        yield from _access_modes(spec, path)


def _source_reference(reference: Spec, path: str) -> Iterator[Cause]:
    for field in ("name", "kind"):
        if not reference.get(field):
            yield required(f"{path}.{field}")
    if not reference.get("apiGroup") and reference.get("kind") not in ("PersistentVolumeClaim", None, ""):
        why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        yield invalid_value(path, reference["kind"], why)


@rules("PersistentVolumeClaim")
class ClaimRules(Rules):
    """A claim's spec stays, but for its size, which may grow, and the volume that it is bound to."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        claim_spec(spec)
        if spec.get("dataSource") and "dataSourceRef" not in spec:
            spec["dataSourceRef"] = dict(spec["dataSource"])

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"phase": "Pending"}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        return claim_spec_problems(new["spec"], "spec")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        now, before = new["spec"], old["spec"]
        bound = (old.get("status") or {}).get("phase") == "Bound"
        size, was = _size(now), _size(before)
        if _fixed(now, before) != _fixed(before, before) or (size != was and not bound):
            shown = {**now, "resources": before.get("resources")} if bound else now
            yield forbidden("spec", f"{_IMMUTABLE_SPEC}\n{difference(_internal(before), _internal(shown))}")
        if size < was:
            yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")


_CLAIM_FIELDS = ("AccessModes", "Selector", "Resources", "VolumeName", "StorageClassName", "VolumeMode", "DataSource",
                 "DataSourceRef", "VolumeAttributesClassName")  # fmt: skip
_IMMUTABLE_SPEC = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def _internal(spec: Spec) -> Spec:
    """A claim's spec as the server's own types write it."""
    made = internal(spec, _CLAIM_FIELDS)
    resources = made["Resources"] or {}
    made["Resources"] = {"Limits": resources.get("limits"), "Requests": resources.get("requests")}
    return {**made, "VolumeName": made["VolumeName"] or ""}


def _size(spec: Spec) -> float:
    return amount(((spec.get("resources") or {}).get("requests") or {}).get("storage", 0))


def _fixed(spec: Spec, before: Spec) -> Spec:
    mutable = {"resources", "volumeAttributesClassName"}
    if not before.get("volumeName"):
        mutable.add("volumeName")
    if before.get("storageClassName") is None:
        mutable.add("storageClassName")
    return {key: value for key, value in spec.items() if key not in mutable}


@rules("PersistentVolume")
class VolumeRules(Rules):
    """As `ValidatePersistentVolumeSpec`."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
        spec.setdefault("volumeMode", "Filesystem")
        plain_list(spec.get("capacity"))
        if "hostPath" in spec:
            spec["hostPath"].setdefault("type", "")
        if "claimRef" in spec:
            spec["claimRef"].setdefault("kind", "PersistentVolumeClaim")
            spec["claimRef"].setdefault("apiVersion", "v1")

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"phase": "Pending", "lastPhaseTransitionTime": new["metadata"]["creationTimestamp"]}

    def prepare_status(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        before, after = old.get("status") or {}, new.get("status") or {}
        if after.get("phase") != before.get("phase") and not after.get("lastPhaseTransitionTime"):
            new["status"] = {**after, "lastPhaseTransitionTime": rfc3339(reader.now())}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec, path = new["spec"], "spec"
        yield from _access_modes(spec, path)
        yield from _capacity(spec.get("capacity"))
        policy = spec["persistentVolumeReclaimPolicy"]
        if policy not in _RECLAIM:
            yield not_supported(f"{path}.persistentVolumeReclaimPolicy", policy, _RECLAIM)
        affinity = (spec.get("nodeAffinity") or {}).get("required")
        if "nodeAffinity" in spec and affinity is None:
            yield required(f"{path}.nodeAffinity.required", "must specify required node constraints")
        elif affinity is not None:
            yield from node_selector(affinity, f"{path}.nodeAffinity.required")
        yield from _volume_source(spec)
        if spec.get("storageClassName"):
            for why in dns_subdomain(spec["storageClassName"]):
                yield invalid_value(f"{path}.storageClassName", spec["storageClassName"], why)
        if spec["volumeMode"] not in _VOLUME_MODES:
            yield not_supported(f"{path}.volumeMode", spec["volumeMode"], _VOLUME_MODES)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        now, before = new["spec"], old["spec"]
        if any(now.get(field) != before.get(field) for field in _VOLUME_SOURCES):
            why = "spec.persistentvolumesource is immutable after creation"
            yield forbidden("spec.persistentvolumesource", why)
        if now["volumeMode"] != before.get("volumeMode", "Filesystem"):
            yield invalid_value("volumeMode", now["volumeMode"], IMMUTABLE)


def _capacity(given: Spec | None) -> Iterator[Cause]:
    path, capacity = "spec.capacity", given or {}
    if not capacity:
        yield required(path)
    if set(capacity) != {"storage"}:
        yield not_supported(path, given, ("storage",))
    for name in sorted(capacity):
        if not amount(capacity[name]) > 0:
            yield invalid_value(f"{path}[{name}]", capacity[name], POSITIVE)


def _volume_source(spec: Spec) -> Iterator[Cause]:
    found = [field for field in _VOLUME_SOURCES if field in spec]
    if not found:
        yield required("spec", "must specify a volume type")
        return
    for field in found[1:]:
        yield forbidden(f"spec.{field}", "may not specify more than 1 volume type")
    first = found[0]
    if first in SOURCES:
        yield from SOURCES[first](spec[first], f"spec.{first}")
    if first == "csi" and not spec["csi"].get("volumeHandle"):
        yield required("spec.csi.volumeHandle")
    if first == "local":
        if not spec["local"].get("path"):
            yield required("spec.local.path")
        if "nodeAffinity" not in spec:
            yield required("spec.nodeAffinity", "Local volume requires node affinity")


@rules("StorageClass")
class StorageClassRules(Rules):
    """As `ValidateStorageClass`: what volumes are made of stays as it is."""

    def default(self, new: Manifest) -> None:
        new.setdefault("reclaimPolicy", "Delete")
        new.setdefault("volumeBindingMode", "Immediate")

    def validate(self, new: Manifest) -> Iterator[Cause]:
        provisioner = new.get("provisioner", "")
        if not provisioner:
            yield required("provisioner", provisioner)
        for key in new.get("parameters") or ():
            if not key:
                yield invalid_value("parameters", key, "field can not be empty.")
        if len(new.get("parameters") or ()) > _MOST_PARAMETERS:
            yield too_long("Provisioner Parameters Length", _MOST_PARAMETERS)
        if new["reclaimPolicy"] not in ("Delete", "Retain"):
            yield not_supported("reclaimPolicy", new["reclaimPolicy"], ("Delete", "Retain"))
        if new["volumeBindingMode"] not in _BINDING:
            yield not_supported("volumeBindingMode", new["volumeBindingMode"], _BINDING)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        for field in ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"):
            if (new.get(field) or {}) != (old.get(field) or {}):
                yield invalid_value(field, new.get(field), IMMUTABLE)
