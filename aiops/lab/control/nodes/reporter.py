"""Nodes: the status that a kubelet reports of its machine, and its lease."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any
from uuid import UUID

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.kube.access.user import User, node_user
from aiops.lab.kube.discovery.version import VERSION
from aiops.lab.kube.objects import Key, condition, condition_is, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

HEARTBEAT = 300.0
"""Seconds between two reports of a node on which nothing changes; the kubelet's `nodeStatusReportFrequency`.

The lease is written with each report, not every ten seconds as a kubelet does: whether a node runs is known without
it, and thousands of renewals would be most of what an idle cluster writes. Whoever reads it sees it renewed."""

LEASES = "kube-node-lease"
LEASE_SECONDS = 40
RENEWAL = 10.0
"""Seconds between two renewals of a lease."""

MANAGER = "kubelet"

_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)
_CAPACITY = {"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"}


class NodeReporter(Controller):
    """Writes the status of each node. What the Node's manifest says of capacity and addresses stands."""

    hears = ("Node",)

    def __init__(self, store: ObjectStore, rng: Random, machines: Machines, events: EventRecorder) -> None:
        self._store = store
        self._rng = rng
        self._machines = machines
        self._events = events
        self._due: dict[Key, float] = {}
        self._known = 0

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Node" and write.type != "MODIFIED":
            self._due.pop(key_of(write.new), None)
            yield key_of(write.new)

    def user(self, key: Key) -> User:
        return node_user(key[1])

    def restart(self, name: str) -> Key:
        """The machine runs again: it reports at once."""
        self._due.pop(("", name), None)
        return "", name

    def sync(self, key: Key) -> float | None:
        node, now = self._store.find("Node", *key), self._store.now()
        if node is None:
            if self._store.find("Lease", LEASES, key[1]):
                self._store.delete("Lease", LEASES, key[1])
            return None
        down = self._machines.down_since(key[1])
        if down is not None:
            self._leave(key[1], down)
            return None
        if now >= self._due.get(key, 0.0):
            was_ready = condition_is(node, "Ready")
            self._store.update({**node, "status": self._status(node, now)}, manager=MANAGER, subresource="status")
            self._renew(node, now)
            self._due[key] = now + HEARTBEAT
            if not was_ready:
                message = f"Node {key[1]} status is now: NodeReady"
                self._events.record(node, NORMAL, "NodeReady", message, host=key[1])
        return self._due[key]

    def _status(self, node: Manifest, now: float) -> dict[str, Any]:
        before = node.get("status", {})
        capacity = {**_CAPACITY, **(before.get("capacity") or {})}
        pressures = [_pressure(condition(node, kind), kind, reason, text, now) for kind, reason, text in _PRESSURES]
        ready = _condition(condition(node, "Ready"), "Ready", "True", "KubeletReady", READY, now)
        ours = {entry["type"] for entry in pressures} | {"Ready"}
        others = [entry for entry in before.get("conditions") or () if entry["type"] not in ours]
        return {
            **before,
            "capacity": capacity,
            "allocatable": before.get("allocatable") or capacity,
            "conditions": [*others, *pressures, ready],
            "addresses": before.get("addresses") or self._addresses(node),
            "nodeInfo": before.get("nodeInfo") or self._info(),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        }

    def _renew(self, node: Manifest, now: float) -> None:
        name, moment = node["metadata"]["name"], rfc3339(now, micro=True)
        lease = self._store.find("Lease", LEASES, name)
        if lease is not None:
            self._store.update({**lease, "spec": {**lease["spec"], "renewTime": moment}}, manager=MANAGER)
            return
        if self._store.find("Namespace", "", LEASES) is None:
            return
        owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid_of(node)}
        new = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "namespace": LEASES, "ownerReferences": [owner]},
            "spec": {"holderIdentity": name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": moment},
        }
        self._store.create(new, manager=MANAGER)

    def lease_shown(self, lease: Manifest) -> Manifest:
        """A node's lease as its kubelet would have renewed it by now."""
        metadata = lease["metadata"]
        if metadata["namespace"] != LEASES or not self._machines.is_up(metadata["name"]):
            return lease
        return _renewed(lease, self._store.now())

    def _leave(self, name: str, moment: float) -> None:
        """Write when the lease of a machine that stopped at a moment was last renewed."""
        lease = self._store.find("Lease", LEASES, name)
        if lease is not None and (last := _renewed(lease, moment)) is not lease:
            self._store.update(last, manager=MANAGER)

    def _addresses(self, node: Manifest) -> list[dict[str, str]]:
        self._known += 1
        number = self._known + 1
        address = f"172.18.{number // 256}.{number % 256}"
        return [
            {"type": "InternalIP", "address": address},
            {"type": "Hostname", "address": node["metadata"]["name"]},
        ]

    def _info(self) -> dict[str, str]:
        def drawn() -> str:
            return str(UUID(int=self._rng.getrandbits(128), version=4))

        return {
            "machineID": f"{self._rng.getrandbits(128):032x}",
            "systemUUID": drawn(),
            "bootID": drawn(),
            "architecture": "amd64",
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 12 (bookworm)",
            "kernelVersion": "6.1.0-28-amd64",
            "containerRuntimeVersion": "containerd://2.2.0",
            "kubeletVersion": str(VERSION["gitVersion"]),
            "kubeProxyVersion": str(VERSION["gitVersion"]),
        }


def _renewed(lease: Manifest, moment: float) -> Manifest:
    """The lease after the renewals up to a moment; itself where there was none."""
    text = lease["spec"].get("renewTime")
    passed = moment - from_rfc3339(text) if text else 0.0
    if passed < RENEWAL:
        return lease
    last = rfc3339(moment - passed % RENEWAL, micro=True)
    return {**lease, "spec": {**lease["spec"], "renewTime": last}}


READY = "kubelet is posting ready status"


def _pressure(old: dict[str, Any] | None, kind: str, reason: str, text: str, now: float) -> dict[str, Any]:
    """What is known of a pressure stays, but for what the control plane said while nothing was heard."""
    if old is None or old["status"] == "Unknown":
        return _condition(old, kind, "False", reason, text, now)
    return {**old, "lastHeartbeatTime": rfc3339(now)}


def _condition(
    old: dict[str, Any] | None, kind: str, status: str, reason: str, message: str, now: float
) -> dict[str, Any]:
    moment = rfc3339(now)
    known = old.get("lastTransitionTime") if old is not None and old["status"] == status else None
    return {
        "type": kind,
        "status": status,
        "lastHeartbeatTime": moment,
        "lastTransitionTime": known or moment,
        "reason": reason,
        "message": message,
    }
