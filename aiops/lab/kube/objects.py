"""Small readers and copiers of raw objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from aiops.core.entity import Manifest

Key = tuple[str, str]
"""Namespace and name; the namespace of a cluster-wide object is empty."""


def clone(value: Any) -> Any:
    """A deep copy of a JSON value. Through orjson because that is ten times faster than `copy.deepcopy`."""
    return orjson.loads(orjson.dumps(value))


def key_of(manifest: Manifest) -> Key:
    metadata = manifest["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def uid_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["uid"])


def revision_of(manifest: Manifest) -> int:
    return int(manifest["metadata"]["resourceVersion"])


def with_metadata(manifest: Manifest, **changes: Any) -> Manifest:
    """A copy with some fields of its metadata set, or removed where the value is None."""
    metadata = {**manifest["metadata"], **changes}
    return {**manifest, "metadata": {key: value for key, value in metadata.items() if value is not None}}


def with_annotations(manifest: Manifest, changes: dict[str, str]) -> Manifest:
    return with_metadata(manifest, annotations={**annotations_of(manifest), **changes})


def labels_of(manifest: Manifest) -> dict[str, str]:
    return manifest["metadata"].get("labels") or {}


def annotations_of(manifest: Manifest) -> dict[str, str]:
    return manifest["metadata"].get("annotations") or {}


def deleting(manifest: Manifest) -> bool:
    return "deletionTimestamp" in manifest["metadata"]


def owners(manifest: Manifest) -> Iterable[dict[str, Any]]:
    return manifest["metadata"].get("ownerReferences") or ()


def controller_of(manifest: Manifest) -> dict[str, Any] | None:
    """The owner reference of the object's managing controller."""
    return next((owner for owner in owners(manifest) if owner.get("controller")), None)


def condition(manifest: Manifest, kind: str) -> dict[str, Any] | None:
    """One entry of `status.conditions`."""
    for entry in manifest.get("status", {}).get("conditions") or ():
        if entry.get("type") == kind:
            return dict(entry)
    return None


def condition_is(manifest: Manifest, kind: str, status: str = "True") -> bool:
    entry = condition(manifest, kind)
    return entry is not None and entry.get("status") == status
