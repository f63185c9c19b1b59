"""`metadata`: on creation, and what of it may change (apimachinery's `objectmeta.go`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, forbidden, invalid_value, required
from aiops.lab.kube.kinds.checks.formats import Format, dns_label, generated, label_key
from aiops.lab.kube.kinds.checks.labels import annotation_map, label_map

_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"
_STANDARD = ("kubernetes", _ORPHAN, _FOREGROUND)
_UPDATE_IMMUTABLE = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def object_metadata(metadata: dict[str, Any], namespaced: bool, name_format: Format) -> Iterator[Cause]:
    """The checks of `ValidateObjectMeta`; a generated name is there already."""
    prefix, name = metadata.get("generateName"), metadata.get("name")
    if prefix:
        for why in generated(name_format)(prefix):
            yield invalid_value("metadata.generateName", prefix, why)
    if not name:
        yield required("metadata.name", "name or generateName is required")
    else:
        for why in name_format(name):
            yield invalid_value("metadata.name", name, why)
    yield from _namespace(metadata.get("namespace"), namespaced)
    yield from label_map(metadata.get("labels"), "metadata.labels")
    yield from annotation_map(metadata.get("annotations"), "metadata.annotations")
    if metadata.get("ownerReferences"):
        yield from _owners(metadata["ownerReferences"])
    if metadata.get("finalizers"):
        yield from _finalizers(metadata["finalizers"])


def _namespace(namespace: str | None, namespaced: bool) -> Iterator[Cause]:
    if not namespaced:
        if namespace:
            yield forbidden("metadata.namespace", "not allowed on this type")
    elif not namespace:
        yield required("metadata.namespace")
    else:
        for why in dns_label(namespace):
            yield invalid_value("metadata.namespace", namespace, why)


def _owners(owners: list[dict[str, Any]]) -> Iterator[Cause]:
    path = "metadata.ownerReferences"
    first = ""
    for owner in owners:
        if not owner.get("apiVersion"):
            yield invalid_value(f"{path}.apiVersion", "", "version must not be empty")
        for field in ("kind", "name", "uid"):
            if not owner.get(field):
                yield invalid_value(f"{path}.{field}", "", "must not be empty")
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            yield invalid_value(path, owner, "/v1, Kind=Event is disallowed from being an owner")
        if owner.get("controller"):
            current = f"{owner.get('kind', '')}/{owner.get('name', '')}"
            if first:
                why = 'Only one reference can have Controller set to true. Found "true" in references for'
                yield invalid_value(path, owners, f"{why} {first} and {current}")
            first = first or current


def kube_finalizers(metadata: dict[str, Any]) -> Iterator[Cause]:
    """Of built-in kinds they are the standard ones, or named with a domain."""
    for index, name in enumerate(metadata.get("finalizers") or ()):
        if "/" not in name and name not in _STANDARD:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid_value(f"metadata.finalizers[{index}]", name, why)


def _finalizers(finalizers: list[str]) -> Iterator[Cause]:
    path = "metadata.finalizers"
    for name in finalizers:
        for why in label_key(name):
            yield invalid_value(path, name, why)
    if _ORPHAN in finalizers and _FOREGROUND in finalizers:
        yield invalid_value(path, finalizers, f"finalizer {_ORPHAN} and {_FOREGROUND} cannot be both set")


def metadata_update(new: Manifest, old: Manifest) -> Iterator[Cause]:
    """The checks of `ValidateObjectMetaUpdate`."""
    now, before = new["metadata"], old["metadata"]
    if "deletionTimestamp" in before:
        known = before.get("finalizers") or ()
        extra = sorted({name for name in now.get("finalizers") or () if name not in known})
        if extra:
            why = "no new finalizers can be added if the object is being deleted, found new finalizers []string{"
            listed = ", ".join(f'"{name}"' for name in extra)
            yield forbidden("metadata.finalizers", f"{why}{listed}}}")
    for field in _UPDATE_IMMUTABLE:
        if field in now and now[field] != before.get(field):
            yield invalid_value(f"metadata.{field}", now[field], IMMUTABLE)
    yield from label_map(now.get("labels"), "metadata.labels")
    yield from annotation_map(now.get("annotations"), "metadata.annotations")
