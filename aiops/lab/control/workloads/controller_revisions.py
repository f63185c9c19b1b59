"""ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, each under a number."""

from __future__ import annotations

from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.owning import owner_reference
from aiops.lab.kube.names import hash_suffix

POD_HASH = "controller-revision-hash"
"""The label of a pod (and of a DaemonSet's revision) that says of which revision it is."""

_PREFIX = 223
"""Characters of the owner's name in a revision's."""


def data_of(owner: Manifest) -> dict[str, Any]:
    """What a revision keeps: a strategic merge patch that brings the template back."""
    return {"spec": {"template": {**owner["spec"]["template"], "$patch": "replace"}}}


def template_of(revision: Manifest) -> Manifest:
    template = revision["data"]["spec"]["template"]
    return {field: value for field, value in template.items() if field != "$patch"}


def hash_of(data: dict[str, Any], collisions: int | None) -> str:
    """A name for a template: equal ones give equal names; collisions are counted from None or 0 on."""
    text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    return hash_suffix(text + (b"" if collisions is None else str(collisions).encode()))


def new_revision(owner: Manifest, number: int, digest: str, hash_label: str) -> Manifest:
    """A ControllerRevision of the owner's template."""
    metadata = owner["metadata"]
    labels = {**(owner["spec"]["template"].get("metadata") or {}).get("labels", {}), hash_label: digest}
    meta: dict[str, Any] = {
        "name": f"{metadata['name'][:_PREFIX]}-{digest}",
        "namespace": metadata["namespace"],
        "labels": labels,
        "ownerReferences": [owner_reference(owner)],
    }
    if metadata.get("annotations"):
        meta["annotations"] = metadata["annotations"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": meta,
        "data": data_of(owner),
        "revision": number,
    }


def by_number(revision: Manifest) -> tuple[int, str, str]:
    metadata = revision["metadata"]
    return revision["revision"], metadata["creationTimestamp"], metadata["name"]
