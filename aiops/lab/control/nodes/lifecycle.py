"""The node lifecycle controller: what silence and conditions of a node mean for its taints and its pods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER, Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.control.nodes.zones import FULL, EvictionRates, zone_of, zone_states
from aiops.lab.kube.objects import Key, condition, condition_is, key_of, labels_of, with_annotations, with_metadata
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

GRACE = 50.0
"""Seconds of silence until a node's conditions are unknown (`--node-monitor-grace-period`)."""

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
_BY_CONDITION = (
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
)
_MANAGED = {key for _, _, key in _BY_CONDITION} | {UNSCHEDULABLE}
_KUBELETS = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
_OLD_LABELS = {"kubernetes.io/os": "beta.kubernetes.io/os", "kubernetes.io/arch": "beta.kubernetes.io/arch"}
_TTL = "node.alpha.kubernetes.io/ttl"


class NodeLifecycleController(Controller):
    """Marks silent nodes, taints by condition, and asks for eviction by NoExecute taints."""

    account = "node-controller"
    hears = ("Node",)

    def __init__(self, store: ObjectStore, machines: Machines, events: EventRecorder) -> None:
        self._store = store
        self._machines = machines
        self._events = events
        self._rates = EvictionRates()
        self._waiting: dict[Key, None] = {}
        self._registered: dict[Key, Manifest] = {}

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Node":
            gone = write.type == "DELETED"
            if gone or write.old is None or _view(write.old) != _view(write.new):
                yield key_of(write.new)
            if write.old is not None and condition_is(write.old, "Ready") != condition_is(write.new, "Ready"):
                yield from self._waiting

    def _tell(self, node: Manifest, reason: str, what: str) -> None:
        self._events.record(node, NORMAL, reason, f"Node {node['metadata']['name']} event: {what}")

    def sync(self, key: Key) -> float | None:
        node = self._store.find("Node", *key)
        if node is None:
            self._waiting.pop(key, None)
            known = self._registered.pop(key, None)
            if known is not None:
                self._tell(known, "RemovingNode", f"Removing Node {key[1]} from Controller")
            return None
        if key not in self._registered:
            self._tell(node, "RegisteredNode", f"Registered Node {key[1]} in Controller")
        self._registered[key] = node
        silent_since, now = self._machines.down_since(key[1]), self._store.now()
        moments = []
        if silent_since is not None and not condition_is(node, "Ready", "Unknown"):
            if now < silent_since + GRACE:
                moments.append(silent_since + GRACE)
            else:
                node = self._mark_unknown(node)
        node = self._complete(node)
        moment = self._taint(node)
        if moment is not None:
            self._waiting[key] = None
            moments.append(moment)
        else:
            self._waiting.pop(key, None)
        if not condition_is(node, "Ready") and condition(node, "Ready"):
            self._mark_pods(node)
        return min(moments, default=None)

    def _mark_unknown(self, node: Manifest) -> Manifest:
        """Nothing was heard of the node for too long."""
        now, status = rfc3339(self._store.now()), node.get("status") or {}
        known = {entry["type"]: entry for entry in status.get("conditions") or ()}
        for kind in _KUBELETS:
            entry = known.get(kind)
            if entry is None:
                known[kind] = {
                    "type": kind,
                    "status": "Unknown",
                    "lastHeartbeatTime": node["metadata"]["creationTimestamp"],
                    "lastTransitionTime": now,
                    "reason": "NodeStatusNeverUpdated",
                    "message": "Kubelet never posted node status.",
                }
            elif entry["status"] != "Unknown":
                unknown = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
                known[kind] = {**entry, "status": "Unknown", "lastTransitionTime": now, **unknown}
        was_ready = condition_is(node, "Ready")
        changed = {**node, "status": {**status, "conditions": list(known.values())}}
        node = self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")
        if was_ready:
            name = node["metadata"]["name"]
            self._events.record(node, NORMAL, "NodeNotReady", f"Node {name} status is now: NodeNotReady")
        return node

    def _complete(self, node: Manifest) -> Manifest:
        """The labels of old names, and how long kubelets may keep what they have read."""
        labels = labels_of(node)
        copies = {old: labels[new] for new, old in _OLD_LABELS.items() if new in labels}
        added = {key: value for key, value in copies.items() if labels.get(key) != value}
        changed = with_metadata(node, labels={**labels, **added}) if added else node
        if _TTL not in (node["metadata"].get("annotations") or {}):
            changed = with_annotations(changed, {_TTL: "0"})
        return node if changed is node else self._store.update(changed, manager=CONTROLLER_MANAGER)

    def _taint(self, node: Manifest) -> float | None:
        """Bring the taints to what the conditions say. Returns when to look again where a zone has to wait."""
        before = node["spec"].get("taints") or []
        wanted = [key for kind, status, key in _BY_CONDITION if condition_is(node, kind, status)]
        if node["spec"].get("unschedulable"):
            wanted.append(UNSCHEDULABLE)
        moment, executing = self._executing(node, before)
        keep = [taint for taint in before if not _ours(taint) or _effect(taint) in self._pairs(wanted, executing)]
        have = {_effect(taint) for taint in keep}
        now = rfc3339(self._store.now())
        added = [
            {"key": key, "effect": effect, "timeAdded": now}
            for key, effect in self._pairs(wanted, executing)
            if (key, effect) not in have
        ]
        if added or len(keep) != len(before):
            spec = {key: value for key, value in node["spec"].items() if key != "taints"}
            taints = [*keep, *added]
            changed = {**node, "spec": {**spec, "taints": taints} if taints else spec}
            self._store.update(changed, manager=CONTROLLER_MANAGER)
        return moment

    @staticmethod
    def _pairs(wanted: list[str], executing: str) -> list[tuple[str, str]]:
        pairs = [(key, "NoSchedule") for key in wanted]
        return [*pairs, (executing, "NoExecute")] if executing else pairs

    def _executing(self, node: Manifest, before: list[dict[str, Any]]) -> tuple[float | None, str]:
        """The NoExecute taint that the node has or gets, and when to look again while its zone has to wait."""
        key = NOT_READY if condition_is(node, "Ready", "False") else ""
        key = UNREACHABLE if condition_is(node, "Ready", "Unknown") else key
        if not key:
            return None, ""
        zones = zone_states(self._store.objects("Node"))
        if all(zone.state == FULL for zone in zones.values()):
            # Where nothing is heard of any node, the control plane itself is cut off.
            return None, ""
        held = {_effect(taint)[0] for taint in before if _ours(taint) and taint.get("effect") == "NoExecute"}
        if held:
            return None, key
        moment = self._rates.take(zone_of(node), zones[zone_of(node)].rate, self._store.now())
        return (None, key) if moment is None else (moment, "")

    def _mark_pods(self, node: Manifest) -> None:
        """The pods of a node that is not ready are not ready."""
        name, now = node["metadata"]["name"], rfc3339(self._store.now())
        for pod in self._store.objects("Pod"):
            if pod["spec"].get("nodeName") != name or not condition_is(pod, "Ready"):
                continue
            if "node.kubernetes.io/mirror-pod" in (pod["metadata"].get("annotations") or {}):
                continue
            status = pod["status"]
            entries = [
                {**entry, "status": "False", "lastTransitionTime": now} if entry["type"] == "Ready" else entry
                for entry in status["conditions"]
            ]
            changed = {**pod, "status": {**status, "conditions": entries}}
            changed = self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")
            self._events.record(changed, WARNING, "NodeNotReady", "Node is not ready")


def _effect(taint: dict[str, Any]) -> tuple[str, str]:
    return taint["key"], taint.get("effect", "")


def _ours(taint: dict[str, Any]) -> bool:
    """Is it a taint that this controller sets and removes?"""
    if taint.get("effect") == "NoExecute":
        return taint["key"] in (NOT_READY, UNREACHABLE)
    return taint.get("effect") == "NoSchedule" and taint["key"] in _MANAGED


def _view(node: Manifest) -> tuple[Any, ...]:
    """What of a node this controller acts on."""
    statuses = [(entry["type"], entry["status"]) for entry in (node.get("status") or {}).get("conditions") or ()]
    spec = node["spec"]
    return statuses, spec.get("taints"), spec.get("unschedulable"), labels_of(node)
