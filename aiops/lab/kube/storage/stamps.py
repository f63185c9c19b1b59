"""What the store makes of the metadata that callers send, and how it compares objects."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.names import random_suffix
from aiops.lab.kube.objects import clone, key_of
from aiops.lab.kube.patching.managed import Entry
from aiops.lab.kube.schema.decode import DecodingError, decode

LONGEST_BASE = 58
"""Characters of `generateName` that are kept, so that five more make a label's 63."""

TRIES = 8
"""Names that are generated at most for one object."""

_SYSTEM_METADATA = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds")
_WIPED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")
_KEPT_BY_STATUS = {"Deployment": ("labels",), "Pod": ("ownerReferences",)}


def placed(manifest: Manifest, resource: Resource) -> Manifest:
    """With its namespace."""
    metadata = dict(manifest.get("metadata") or {})
    if resource.namespaced:
        metadata.setdefault("namespace", "default")
    else:
        metadata.pop("namespace", None)
    return {**manifest, "metadata": metadata}


def wiped(manifest: Manifest) -> Manifest:
    """A new object without what only the server sets."""
    metadata = {k: v for k, v in (manifest.get("metadata") or {}).items() if k not in _WIPED}
    return {**manifest, "metadata": metadata}


def named(manifest: Manifest, rng: Random, taken: Callable[[str], bool]) -> Manifest:
    """With a generated name where it has none of its own; another one is tried a few times where it is taken."""
    metadata = manifest["metadata"]
    if metadata.get("name") or not metadata.get("generateName"):
        return manifest
    base = metadata["generateName"][:LONGEST_BASE]
    name = base + random_suffix(rng)
    for _ in range(TRIES - 1):
        if not taken(name):
            break
        name = base + random_suffix(rng)
    return {**manifest, "metadata": {**metadata, "name": name}}


def check_fresh(resource: Resource, wanted: dict[str, Any], old: Manifest, *, patched: bool) -> None:
    """Refuse a write that was made for another state of the object, or for another object. Raises 409, 500."""
    name, version = old["metadata"]["name"], str(wanted.get("resourceVersion") or "0")
    uid = wanted.get("uid")
    if uid and uid != old["metadata"]["uid"] and not patched:
        where = "/".join(part for part in (resource.plural, *key_of(old)) if part)
        why = f"StorageError: invalid object, Code: 4, Key: /registry/{where}, ResourceVersion: 0, AdditionalErrorMsg: "
        why += f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['metadata']['uid']}"
        raise errors.conflict(resource, name, why)
    if not version.isdecimal():
        raise errors.broken(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version not in ("0", old["metadata"]["resourceVersion"]):
        raise errors.conflict(resource, name, errors.STALE)


def ignored_parts(resource: Resource, subresource: str) -> tuple[str, ...]:
    """The parts of an object that a write does not take: the status, or for the status everything that is asked for."""
    if resource.shelf == "CertificateSigningRequest":
        return ("spec", "status")
    if subresource == "status":
        return ("spec",)
    return ("status",) if resource.has_status else ()


def system_metadata(metadata: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """The caller's metadata, completed with what only the server sets. What differs there all the same is left for
    validation to refuse."""
    new = dict(metadata)
    for field in ("generation", "creationTimestamp", "resourceVersion"):
        new.pop(field, None)
    for field in _SYSTEM_METADATA:
        if field in old and (field not in new or field == "deletionTimestamp"):
            new[field] = old[field]
    new["resourceVersion"] = old["resourceVersion"]
    return new


def status_metadata(resource: Resource, manifest: Manifest, old: Manifest) -> dict[str, Any]:
    """The metadata that a write of the status may change, too (each kind's status strategy keeps some of it)."""
    if manifest["metadata"] is old["metadata"]:
        return dict(old["metadata"])
    metadata = system_metadata(clone(manifest["metadata"]), old["metadata"])
    for field in _KEPT_BY_STATUS.get(resource.kind, ()):
        metadata.pop(field, None)
        if field in old["metadata"]:
            metadata[field] = old["metadata"][field]
    return metadata


def converted(resource: Resource, applied_object: Manifest) -> Manifest:
    """What an apply leaves, as an object of its kind. Raises 500 as the API server does."""
    try:
        return decode(applied_object, resource.api_version, resource.kind).manifest
    except DecodingError as error:
        version = resource.api_version if resource.group else f"/{resource.version}"
        what = f"{version}, Kind={resource.kind}"
        why = f"unable to convert unstructured object to {what}: {error.converting}"
        raise errors.broken(f"failed to convert new object (/; {what}) to proper version: {why}") from error


def timeless(entries: list[Entry]) -> list[Entry]:
    """Entries without their times: a write that moves nothing but these is none."""
    return [{name: value for name, value in entry.items() if name != "time"} for entry in entries]


def same(new: Manifest, old: Manifest) -> bool:
    """Equal but for the stamps that every write changes."""
    ignored = ("managedFields", "resourceVersion")
    if any(new.get(key) != old.get(key) for key in new.keys() | old.keys() if key != "metadata"):
        return False
    a, b = new["metadata"], old["metadata"]
    return all(a.get(key) == b.get(key) for key in a.keys() | b.keys() if key not in ignored)


def held(resource: Resource, marked: Manifest) -> bool:
    """Must a deleted object stay for now: for its finalizers, or because its node has still to end the pod?"""
    if marked["metadata"].get("finalizers"):
        return True
    if resource.kind == "Namespace":
        return bool(marked.get("spec", {}).get("finalizers"))
    return resource.kind == "Pod" and marked["metadata"].get("deletionGracePeriodSeconds", 0) > 0
