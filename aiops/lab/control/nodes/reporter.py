"""Nodes: the status that a kubelet reports of its machine, and its heartbeat."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

HEARTBEAT = 300.0
"""Seconds between two reports of a node on which nothing changes; the kubelet's `nodeStatusReportFrequency`."""

_HEALTHY = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
_CAPACITY = {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}


class NodeReporter:
    """Writes the status of each node. What the Node's manifest says of capacity and addresses stands."""

    def __init__(self, store: ObjectStore, rng: Random) -> None:
        self._store = store
        self._rng = rng
        self._due: dict[Key, float] = {}

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Node" and write.type == "ADDED":
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        node, now = self._store.find("Node", *key), self._store.now()
        if node is None:
            self._due.pop(key, None)
            return None
        if now >= self._due.get(key, 0.0):
            self._store.update({**node, "status": self._status(node, now)}, manager="kubelet", subresource="status")
            self._due[key] = now + HEARTBEAT
        return self._due[key]

    def _status(self, node: Manifest, now: float) -> dict[str, Any]:
        before = node.get("status", {})
        capacity = {**_CAPACITY, **(before.get("capacity") or {})}
        known = {entry["type"]: entry for entry in before.get("conditions") or ()}
        return {
            **before,
            "capacity": capacity,
            "allocatable": before.get("allocatable") or capacity,
            "conditions": [_condition(known.get(entry[0]), entry, now) for entry in _HEALTHY],
            "addresses": before.get("addresses") or self._addresses(node),
            "nodeInfo": before.get("nodeInfo") or self._info(),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        }

    def _addresses(self, node: Manifest) -> list[dict[str, str]]:
        index = [item["metadata"]["name"] for item in self._store.objects("Node")].index(node["metadata"]["name"])
        address = f"172.18.{(index + 2) // 256}.{(index + 2) % 256}"
        return [
            {"type": "InternalIP", "address": address},
            {"type": "Hostname", "address": node["metadata"]["name"]},
        ]

    def _info(self) -> dict[str, str]:
        return {
            "machineID": f"{self._rng.getrandbits(128):032x}",
            "architecture": "amd64",
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 12 (bookworm)",
            "kernelVersion": "6.1.0-28-amd64",
            "containerRuntimeVersion": "containerd://1.7.24",
            "kubeletVersion": "v1.32.0",
            "kubeProxyVersion": "v1.32.0",
        }


def _condition(old: dict[str, Any] | None, entry: tuple[str, str, str, str], now: float) -> dict[str, Any]:
    kind, status, reason, message = entry
    moment = rfc3339(now)
    since = old["lastTransitionTime"] if old is not None and old["status"] == status else moment
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastHeartbeatTime": moment,
        "lastTransitionTime": since,
    }
