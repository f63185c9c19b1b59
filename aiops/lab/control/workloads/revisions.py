"""The ReplicaSets of a Deployment as its history: hashes, revisions, annotations."""

from __future__ import annotations

from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.owning import owner_reference
from aiops.lab.control.workloads.rollout import bounds
from aiops.lab.kube.names import hash_suffix
from aiops.lab.kube.objects import annotations_of, with_annotations

PREFIX = "deployment.kubernetes.io/"
REVISION = PREFIX + "revision"
HISTORY = PREFIX + "revision-history"
DESIRED = PREFIX + "desired-replicas"
MAXIMUM = PREFIX + "max-replicas"
HASH = "pod-template-hash"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LONGEST_HISTORY = 2000
"""Characters of the annotation that lists the earlier revisions of a ReplicaSet."""

LONGEST_NAME = 253
_OWN = (REVISION, HISTORY, DESIRED, MAXIMUM, LAST_APPLIED, "deprecated.deployment.rollback.to")


def template_hash(template: Manifest, collisions: int = 0) -> str:
    """A name for a template: equal templates give equal names."""
    data = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    return hash_suffix(data + (str(collisions).encode() if collisions else b""))


def same_template(deployment: Manifest, replica_set: Manifest) -> bool:
    return bool(_bare(replica_set["spec"]["template"]) == _bare(deployment["spec"]["template"]))


def _bare(template: Manifest) -> Manifest:
    """The template without its hash; empty fields of its metadata count as missing."""
    metadata = dict(template.get("metadata") or {})
    metadata["labels"] = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH}
    return {**template, "metadata": {key: value for key, value in metadata.items() if value}}


def revision_of(manifest: Manifest) -> int:
    text = annotations_of(manifest).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


def number(manifest: Manifest, annotation: str) -> int | None:
    """The number in an annotation; None where there is none."""
    text = annotations_of(manifest).get(annotation, "")
    return int(text) if text.isdecimal() else None


def with_revision(replica_set: Manifest, deployment: Manifest, old: list[Manifest]) -> Manifest:
    """The ReplicaSet of the current template with the Deployment's annotations, and a revision above all others."""
    own = annotations_of(deployment)
    changes = {key: own[key] for key in own if key not in _OWN}
    wanted = max((revision_of(item) for item in old), default=0) + 1
    before = revision_of(replica_set)
    if before < wanted:
        changes[REVISION] = str(wanted)
        if REVISION in annotations_of(replica_set):
            changes[HISTORY] = _longer(annotations_of(replica_set).get(HISTORY, ""), str(before))
    return with_annotations(replica_set, changes) if changes else replica_set


def _longer(history: str, revision: str) -> str:
    """The list of earlier revisions with one more; the first ones go where it grows too long."""
    entries = [*(history.split(",") if history else ()), revision]
    while len(",".join(entries)) > LONGEST_HISTORY and len(entries) > 1:
        entries.pop(0)
    return ",".join(entries)


def sizes_annotated(replica_set: Manifest, deployment: Manifest) -> Manifest:
    """The ReplicaSet with the total that it was sized for."""
    wanted = deployment["spec"]["replicas"]
    surge = bounds(deployment["spec"]["strategy"], wanted).surge
    return with_annotations(replica_set, {DESIRED: str(wanted), MAXIMUM: str(wanted + surge)})


def new_replica_set(deployment: Manifest, old: list[Manifest], replicas: int) -> Manifest:
    """The ReplicaSet for the Deployment's current template."""
    spec, metadata = deployment["spec"], deployment["metadata"]
    digest = template_hash(spec["template"], (deployment.get("status") or {}).get("collisionCount", 0))
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
            "name": f"{metadata['name'][: LONGEST_NAME - 1 - len(digest)]}-{digest}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": own,
    }
    return sizes_annotated(with_revision(replica_set, deployment, old), deployment)


def old_to_delete(old: list[Manifest], limit: int) -> list[Manifest]:
    """Of the oldest versions beyond the limit those that have no pods left."""
    alive = sorted((item for item in old if "deletionTimestamp" not in item["metadata"]), key=revision_of)
    surplus = alive[: max(len(alive) - limit, 0)]
    return [item for item in surplus if not item["spec"]["replicas"] and _empty(item)]


def _empty(replica_set: Manifest) -> bool:
    status = replica_set.get("status") or {}
    seen = status.get("observedGeneration", 0) >= replica_set["metadata"]["generation"]
    return seen and not status.get("replicas")
