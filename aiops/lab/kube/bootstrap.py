"""The objects that every cluster has from the start: its namespaces, default roles and their bindings."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import orjson

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.access.aggregation import aggregated
from aiops.lab.kube.access.user import API_SERVER
from aiops.lab.kube.admission.writer import Writer
from aiops.lab.kube.discovery.apiservices import keep_api_services
from aiops.lab.kube.storage.store import ObjectStore

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_MANAGER = "kube-apiserver"
_AGGREGATOR = "clusterrole-aggregation-controller"
_GROUP = "rbac.authorization.k8s.io"
_DEFAULTS = Path(__file__).parent / "access" / "defaults.json"
"""The roles and bindings of Kubernetes 1.36 (`kubernetes.io/bootstrapping=rbac-defaults`), by kind."""

_FLOWS = Path(__file__).parent / "access" / "flowcontrol.json"
"""The suggested configuration of API priority and fairness (`fairness.py` lives by it), by kind."""

_FAIRNESS = "api-priority-and-fairness-config"
_FLOW_GROUP = "flowcontrol.apiserver.k8s.io"
_PRIORITIES = (
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
)

_LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}


def bootstrap(store: ObjectStore) -> None:
    """Create them in a new store."""
    for name in NAMESPACES:
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager=_MANAGER)
    for kind, items in orjson.loads(_DEFAULTS.read_bytes()).items():
        manifests = [_object(kind, item) for item in items]
        for manifest in manifests:
            store.create(manifest, manager=_MANAGER)
    _aggregate(store)
    _priority_classes(store)
    keep_api_services(store)
    _flow_control(store)


def _object(kind: str, item: dict[str, Any]) -> Manifest:
    metadata: dict[str, Any] = {
        "name": item["name"],
        "labels": {**_LABELS, **item.get("labels", {})},
        "annotations": dict(_ANNOTATIONS),
    }
    if "namespace" in item:
        metadata["namespace"] = item["namespace"]
    body = {key: value for key, value in item.items() if key not in ("name", "namespace", "labels")}
    return {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": metadata, **body}


def _aggregate(store: ObjectStore) -> None:
    """Until nothing changes, as `edit` gathers what `view` has gathered."""
    changed = True
    while changed:
        changed = False
        roles = store.objects("ClusterRole")
        for role in roles:
            if role.get("aggregationRule") and (rules := aggregated(role, roles)) != role.get("rules"):
                wanted = {"apiVersion": role["apiVersion"], "kind": role["kind"], "rules": rules}
                name = {"name": role["metadata"]["name"]}
                store.apply({**wanted, "metadata": name}, manager=_AGGREGATOR, force=True)
                changed = True


def _flow_control(store: ObjectStore) -> None:
    """Priority levels, and the schemas that lead to them, with what their controller says of these.

    They take their uids from a source of their own, so that everything else keeps the ones that it has without them."""
    annotations = {"apf.kubernetes.io/autoupdate-spec": "true"}
    with store.writing(Writer(API_SERVER, [], rng=Random("flow control"))):
        for kind, items in orjson.loads(_FLOWS.read_bytes()).items():
            for item in items:
                metadata = {"name": item["name"], "annotations": dict(annotations)}
                head = {"apiVersion": f"{_FLOW_GROUP}/v1", "kind": kind, "metadata": metadata}
                made = store.create({**head, "spec": item["spec"]}, manager=f"{_FAIRNESS}-producer-v1")
                if kind == "FlowSchema":
                    level = item["spec"]["priorityLevelConfiguration"]["name"]
                    _found(store, made, level)


def _found(store: ObjectStore, schema: Manifest, level: str) -> None:
    """Say of a schema that its level is there."""
    entry = {
        "type": "Dangling",
        "status": "False",
        "lastTransitionTime": rfc3339(store.now()),
        "reason": "Found",
        "message": f'This FlowSchema references the PriorityLevelConfiguration object named "{level}" and it exists',
    }
    said = {field: schema[field] for field in ("apiVersion", "kind")}
    said |= {"metadata": {"name": schema["metadata"]["name"]}, "status": {"conditions": [entry]}}
    store.apply(said, manager=f"{_FAIRNESS}-consumer-v1", force=True, subresource="status")


def _priority_classes(store: ObjectStore) -> None:
    for name, value, description in _PRIORITIES:
        item = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}}
        store.create({**item, "value": value, "description": description}, manager=_MANAGER)
