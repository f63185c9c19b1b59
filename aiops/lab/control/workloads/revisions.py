"""The ReplicaSets of a Deployment as its history: hashes, revisions, annotations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.replicaset import owner_reference
from aiops.lab.control.workloads.rollout import bounds
from aiops.lab.kube.names import hash_suffix
from aiops.lab.kube.objects import annotations_of, with_annotations

PREFIX = "deployment.kubernetes.io/"
REVISION = PREFIX + "revision"
DESIRED = PREFIX + "desired-replicas"
MAXIMUM = PREFIX + "max-replicas"
HASH = "pod-template-hash"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def template_hash(template: Manifest, collisions: int = 0) -> str:
    """A name for a template: equal templates give equal names."""
    data = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    return hash_suffix(data + (str(collisions).encode() if collisions else b""))


def same_template(deployment: Manifest, replica_set: Manifest) -> bool:
    return bool(without_hash(replica_set["spec"]["template"]) == deployment["spec"]["template"])


def without_hash(template: Manifest) -> Manifest:
    metadata = template["metadata"]
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}


def revision_of(manifest: Manifest) -> int:
    text = annotations_of(manifest).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


def with_revision(manifest: Manifest, deployment: Manifest, others: Iterable[Manifest]) -> Manifest:
    """The ReplicaSet (or the Deployment itself) with a revision not below those of the others."""
    highest = max((revision_of(item) for item in others), default=0)
    if manifest["kind"] == "Deployment":
        wanted = highest
    else:
        wanted = revision_of(manifest) if revision_of(manifest) > highest else highest + 1
        manifest = with_annotations(manifest, _copied(deployment))
    return with_annotations(manifest, {REVISION: str(wanted)})


def _copied(deployment: Manifest) -> dict[str, str]:
    """The Deployment's annotations that its ReplicaSets share."""
    own = annotations_of(deployment)
    return {key: own[key] for key in own if not key.startswith(PREFIX) and key != LAST_APPLIED}


def sizes_annotated(replica_set: Manifest, deployment: Manifest) -> Manifest:
    """The ReplicaSet with the total that it was sized for."""
    wanted = deployment["spec"]["replicas"]
    surge = bounds(deployment["spec"]["strategy"], wanted).surge
    return with_annotations(replica_set, {DESIRED: str(wanted), MAXIMUM: str(wanted + surge)})


def new_replica_set(deployment: Manifest, old: list[Manifest], replicas: int) -> Manifest:
    """The ReplicaSet for the Deployment's current template."""
    spec, metadata = deployment["spec"], deployment["metadata"]
    taken = {item["metadata"]["name"] for item in old}
    collisions = 0
    while f"{metadata['name']}-{(digest := template_hash(spec['template'], collisions))}" in taken:
        collisions += 1
    labels = {**(spec["template"]["metadata"].get("labels") or {}), HASH: digest}
    selector = spec["selector"]
    own: dict[str, Any] = {
        "replicas": replicas,
        "selector": {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), HASH: digest}},
        "template": {**spec["template"], "metadata": {**spec["template"]["metadata"], "labels": labels}},
    }
    if spec.get("minReadySeconds"):
        own["minReadySeconds"] = spec["minReadySeconds"]
    replica_set = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{metadata['name']}-{digest}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": own,
    }
    return sizes_annotated(with_revision(replica_set, deployment, old), deployment)


def old_to_delete(old: list[Manifest], limit: int) -> list[Manifest]:
    """The oldest versions beyond the limit that have no pods left."""
    idle = [item for item in old if not item["spec"]["replicas"] and not item.get("status", {}).get("replicas")]
    return sorted(idle, key=revision_of)[: max(len(idle) - limit, 0)]
