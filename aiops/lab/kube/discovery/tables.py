"""Tables: the form in which kubectl asks for objects that it prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.custom.columns import cell_of
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import condition_is, deleting


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `cell` reads it from an object; wide ones are shown by `-o wide` alone."""

    name: str
    cell: Callable[[Manifest, float], Any]
    wide: bool = False
    type: str = "string"


def table(resource: Resource, items: list[Manifest], now: float, *, whole: bool, revision: str = "") -> Manifest:
    """A `Table` of objects; each row brings its object, `whole` or only its metadata."""
    columns = COLUMNS.get(resource.kind, (NAME, AGE)) if resource.custom is None else _custom(resource.custom.columns)
    definitions = [
        {
            "name": c.name,
            "type": c.type,
            "format": "name" if c is NAME else "",
            "description": "",
            "priority": int(c.wide),
        }
        for c in columns
    ]
    rows = [{"cells": [c.cell(item, now) for c in columns], "object": _object(item, whole)} for item in items]
    metadata = {"resourceVersion": revision} if revision else {}
    head = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
    return {**head, "columnDefinitions": definitions, "rows": rows}


def _custom(columns: list[dict[str, Any]]) -> tuple[Column, ...]:
    """The name, then what the definition of a custom kind asks for."""
    made = (
        Column(
            column["name"],
            cell_of(column, age),
            wide=bool(column.get("priority")),
            type=column["type"],
        )
        for column in columns
    )
    return (NAME, *made)


def _object(item: Manifest, whole: bool) -> Manifest:
    if whole:
        return item
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}


def age(seconds: float) -> str:
    """A duration as kubectl writes it: `45s`, `5m10s`, `3h`, `4d`."""
    total = max(int(seconds), 0)
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if total < 120:
        return f"{total}s"
    if minutes < 10:
        return f"{minutes}m{total % 60}s" if total % 60 else f"{minutes}m"
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    return f"{days}d{hours % 24}h" if days < 8 and hours % 24 else f"{days}d"


def _since(text: str | None, now: float) -> str:
    return age(now - from_rfc3339(text)) if text else "<unknown>"


def _age(item: Manifest, now: float) -> str:
    return _since(item["metadata"].get("creationTimestamp"), now)


def _path(*steps: str, missing: Any = "<none>") -> Callable[[Manifest, float], Any]:
    def read(item: Manifest, _now: float) -> Any:
        value: Any = item
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return missing if value is None else value

    return read


def _joined(values: Any) -> str:
    return ",".join(str(value) for value in values) or "<none>"


def _selector(item: Manifest, _now: float) -> str:
    selector = item["spec"].get("selector") or item["spec"].get("podSelector") or {}
    labels = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    return _joined(f"{key}={value}" for key, value in sorted(labels.items()))


def _containers(field: str) -> Callable[[Manifest, float], str]:
    return lambda item, _now: _joined(c[field] for c in item["spec"]["template"]["spec"]["containers"])


def pod_status(pod: Manifest) -> str:
    """The one word that kubectl shows: the phase, or the reason why a container does not run."""
    status = pod.get("status", {})
    word = str(status.get("reason") or status.get("phase", "Unknown"))
    ready = False
    for container in reversed(status.get("containerStatuses") or ()):
        state = container.get("state", {})
        if reason := state.get("waiting", {}).get("reason"):
            word = reason
        elif terminated := state.get("terminated"):
            word = terminated.get("reason") or f"ExitCode:{terminated['exitCode']}"
        elif state.get("running") and container.get("ready"):
            ready = True
    if word == "Completed" and ready:
        word = "Running" if condition_is(pod, "Ready") else "NotReady"
    return "Terminating" if deleting(pod) else word


def _restarts(pod: Manifest, now: float) -> str:
    statuses = pod.get("status", {}).get("containerStatuses") or []
    count = sum(status.get("restartCount", 0) for status in statuses)
    ends = [status.get("lastState", {}).get("terminated", {}).get("finishedAt") for status in statuses]
    last = max((end for end in ends if end), default=None)
    return f"{count} ({_since(last, now)} ago)" if count and last else str(count)


def _ready(pod: Manifest, _now: float) -> str:
    statuses = pod.get("status", {}).get("containerStatuses") or []
    return f"{sum(bool(status.get('ready')) for status in statuses)}/{len(pod['spec']['containers'])}"


def _replicas(item: Manifest, _now: float) -> str:
    return f"{item.get('status', {}).get('readyReplicas', 0)}/{item['spec'].get('replicas', 1)}"


def _ports(service: Manifest, _now: float) -> str:
    return _joined(
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port['protocol']}"
        for port in service["spec"].get("ports") or ()
    )


def _node_status(node: Manifest, _now: float) -> str:
    ready = "Ready" if condition_is(node, "Ready") else "NotReady"
    return f"{ready},SchedulingDisabled" if node["spec"].get("unschedulable") else ready


def _roles(node: Manifest, _now: float) -> str:
    prefix = "node-role.kubernetes.io/"
    names = (node["metadata"].get("labels") or {}).keys()
    return _joined(name.removeprefix(prefix) for name in sorted(names) if name.startswith(prefix))


def _node_address(node: Manifest, _now: float) -> str:
    addresses = node.get("status", {}).get("addresses") or ()
    return next((entry["address"] for entry in addresses if entry["type"] == "InternalIP"), "<none>")


def _endpoints(item: Manifest, _now: float) -> str:
    pairs = [
        f"{address['ip']}:{port['port']}"
        for subset in item.get("subsets") or ()
        for address in subset.get("addresses") or ()
        for port in subset.get("ports") or ()
    ]
    return ",".join(pairs[:3]) + (f" + {len(pairs) - 3} more..." if len(pairs) > 3 else "") if pairs else "<none>"


def _slice_addresses(item: Manifest, _now: float) -> str:
    return _joined(address for endpoint in item.get("endpoints") or () for address in endpoint["addresses"])


def _count(field: str) -> Callable[[Manifest, float], int]:
    return lambda item, _now: len(item.get(field) or ())


def _event_object(event: Manifest, _now: float) -> str:
    return f"{event['involvedObject'].get('kind', '').lower()}/{event['involvedObject'].get('name')}"


def _event_seen(event: Manifest, now: float) -> str:
    last, count = _since(event.get("lastTimestamp"), now), event.get("count", 1)
    return f"{last} (x{count} over {_since(event.get('firstTimestamp'), now)})" if count > 1 else last


NAME = Column("Name", _path("metadata", "name"))
AGE = Column("Age", _age)

COLUMNS: dict[str, tuple[Column, ...]] = {
    "Pod": (
        NAME,
        Column("Ready", _ready),
        Column("Status", lambda pod, _now: pod_status(pod)),
        Column("Restarts", _restarts),
        AGE,
        Column("IP", _path("status", "podIP"), wide=True),
        Column("Node", _path("spec", "nodeName"), wide=True),
        Column("Nominated Node", _path("status", "nominatedNodeName"), wide=True),
        Column("Readiness Gates", _path("spec", "readinessGates"), wide=True),
    ),
    "Deployment": (
        NAME,
        Column("Ready", _replicas),
        Column("Up-to-date", _path("status", "updatedReplicas", missing=0), type="integer"),
        Column("Available", _path("status", "availableReplicas", missing=0), type="integer"),
        AGE,
        Column("Containers", _containers("name"), wide=True),
        Column("Images", _containers("image"), wide=True),
        Column("Selector", _selector, wide=True),
    ),
    "ReplicaSet": (
        NAME,
        Column("Desired", _path("spec", "replicas", missing=0), type="integer"),
        Column("Current", _path("status", "replicas", missing=0), type="integer"),
        Column("Ready", _path("status", "readyReplicas", missing=0), type="integer"),
        AGE,
        Column("Containers", _containers("name"), wide=True),
        Column("Images", _containers("image"), wide=True),
        Column("Selector", _selector, wide=True),
    ),
    "Service": (
        NAME,
        Column("Type", _path("spec", "type")),
        Column("Cluster-IP", _path("spec", "clusterIP")),
        Column("External-IP", _path("spec", "externalName")),
        Column("Port(s)", _ports),
        AGE,
        Column("Selector", _selector, wide=True),
    ),
    "Node": (
        NAME,
        Column("Status", _node_status),
        Column("Roles", _roles),
        AGE,
        Column("Version", _path("status", "nodeInfo", "kubeletVersion")),
        Column("Internal-IP", _node_address, wide=True),
        Column("OS-Image", _path("status", "nodeInfo", "osImage"), wide=True),
        Column("Kernel-Version", _path("status", "nodeInfo", "kernelVersion"), wide=True),
        Column("Container-Runtime", _path("status", "nodeInfo", "containerRuntimeVersion"), wide=True),
    ),
    "Namespace": (NAME, Column("Status", _path("status", "phase")), AGE),
    "Endpoints": (NAME, Column("Endpoints", _endpoints), AGE),
    "EndpointSlice": (
        NAME,
        Column("AddressType", _path("addressType")),
        Column("Ports", lambda item, _now: _joined(port["port"] for port in item.get("ports") or ())),
        Column("Endpoints", _slice_addresses),
        AGE,
    ),
    "ConfigMap": (NAME, Column("Data", _count("data"), type="integer"), AGE),
    "Secret": (NAME, Column("Type", _path("type")), Column("Data", _count("data"), type="integer"), AGE),
    "ServiceAccount": (NAME, Column("Secrets", _count("secrets"), type="integer"), AGE),
    "NetworkPolicy": (NAME, Column("Pod-Selector", _selector), AGE),
    "RoleBinding": (
        NAME,
        Column("Role", lambda item, _now: f"{item['roleRef']['kind']}/{item['roleRef']['name']}"),
        AGE,
    ),
    "Event": (
        Column("Last Seen", _event_seen),
        Column("Type", _path("type")),
        Column("Reason", _path("reason")),
        Column("Object", _event_object),
        Column("Message", _path("message")),
    ),
}
COLUMNS["ClusterRoleBinding"] = COLUMNS["RoleBinding"]
