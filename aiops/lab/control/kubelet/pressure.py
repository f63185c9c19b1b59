"""A node that runs out of memory or disk: its conditions, and the pods that are evicted from it.

As the kubelet's eviction manager with its default hard thresholds: it looks every ten seconds, evicts one pod at a
time, and keeps a condition for five minutes after the last time that it held. There is no default threshold for
process ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.kubelet.admission import Refusal
from aiops.lab.control.kubelet.eviction import CRITICAL, PodUse, binary, eviction_message, rank, storage_excess
from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import ContainerUse, Runtime

INTERVAL = 10.0
TRANSITION = 300.0
"""Seconds between two looks, and those that a condition outlives its cause."""

MEMORY_FREE = 100 * 2**20
DISK_FREE = 0.10
"""Less free than this, in bytes and as a share of the node's, is pressure."""

Evict = Callable[[Key, str, dict[str, Any] | None], bool]
"""(pod, message, condition) -> whether the pod is being evicted now."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One kind of pressure: the resource that runs out, the node's condition, its reasons and messages."""

    resource: str
    condition: str
    yes: tuple[str, str]
    no: tuple[str, str]
    event: str
    capacity: str


MEMORY = Signal(
    "memory",
    "MemoryPressure",
    ("KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
    ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "NodeHasInsufficientMemory",
    "memory",
)
DISK = Signal(
    "ephemeral-storage",
    "DiskPressure",
    ("KubeletHasDiskPressure", "kubelet has disk pressure"),
    ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "NodeHasDiskPressure",
    "ephemeral-storage",
)


class PressureManager:
    """Looks at every node that the runtime knows the use of."""

    def __init__(self, store: ObjectStore, runtime: Runtime, events: EventRecorder, evict: Evict) -> None:
        self._store = store
        self._runtime = runtime
        self._events = events
        self._evict = evict
        self._look_at = 0.0
        self._held: dict[tuple[str, str], float] = {}
        self._sizes: dict[str, tuple[Manifest, dict[str, float]]] = {}

    def look(self, now: float, pods: Callable[[str], list[PodUse]], limited: Callable[[], Iterable[PodUse]]) -> None:
        """Work out the pressure of each node, and evict one pod where there is some. `pods`: what a node runs;
        `limited`: the pods that may use only so much local storage, who go where they use more."""
        if now < self._look_at:
            return
        self._look_at = now + INTERVAL
        for pod in limited():
            if message := storage_excess(pod):
                self._evict(pod.key, message, None)
        for name, use in self._runtime.node_use().items():
            node = self._store.find("Node", "", name)
            if node is None:
                continue
            sizes = self._sizes_of(name, node)
            for signal in (MEMORY, DISK):
                threshold, free = _room(sizes.get(signal.capacity), signal, use)
                if free < threshold:
                    self._under(node, signal, now)
                    self._reclaim(node, signal, threshold, free, pods(name), now)
                elif (name, signal.condition) in self._held:
                    self._over(node, signal, now)

    def _sizes_of(self, name: str, node: Manifest) -> dict[str, float]:
        """How much a node has of what may run out, as far as it says so."""
        known = self._sizes.get(name)
        if known is None or known[0] is not node:
            capacity = (node.get("status") or {}).get("capacity") or {}
            written = {each: capacity[each] for each in (MEMORY.capacity, DISK.capacity) if each in capacity}
            known = (node, {each: parse_quantity(size) for each, size in written.items() if size is not None})
            self._sizes[name] = known
        return known[1]

    def refusal(self, pod: Manifest, node: str) -> Refusal | None:
        """A node under pressure takes no new pods that would make it worse."""
        if int(pod["spec"].get("priority") or 0) >= CRITICAL:
            return None
        memory, disk = (node, MEMORY.condition) in self._held, (node, DISK.condition) in self._held
        if disk or (memory and (pod.get("status") or {}).get("qosClass") == "BestEffort"):
            held = [signal.condition for signal in (MEMORY, DISK) if (node, signal.condition) in self._held]
            return Refusal("Evicted", f"The node had condition: [{' '.join(held)}]. ")
        return None

    def _under(self, node: Manifest, signal: Signal, now: float) -> None:
        name = node["metadata"]["name"]
        if (name, signal.condition) not in self._held:
            self._events.record(node, NORMAL, signal.event, f"Node {name} status is now: {signal.event}", host=name)
            self._write(node, signal, "True", now)
        self._held[name, signal.condition] = now

    def _over(self, node: Manifest, signal: Signal, now: float) -> None:
        """The cause is gone; the condition follows later."""
        name = node["metadata"]["name"]
        if now - self._held[name, signal.condition] < TRANSITION:
            return
        del self._held[name, signal.condition]
        event = signal.event.replace("Insufficient", "Sufficient").replace("HasDisk", "HasNoDisk")
        self._events.record(node, NORMAL, event, f"Node {name} status is now: {event}", host=name)
        self._write(node, signal, "False", now)

    def _reclaim(
        self, node: Manifest, signal: Signal, threshold: float, free: float, pods: list[PodUse], now: float
    ) -> None:
        name = node["metadata"]["name"]
        about = f"Attempting to reclaim {signal.resource}"
        self._events.record(node, WARNING, "EvictionThresholdMet", about, host=name)
        head = f"Threshold quantity: {binary(threshold)}, available: {binary(free)}. "
        for pod in rank(pods, signal.resource):
            message = eviction_message(pod, signal.resource, head)
            condition = {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "TerminationByKubelet",
                "message": message,
                "lastProbeTime": None,
                "lastTransitionTime": rfc3339(now),
            }
            if self._evict(pod.key, message, condition):
                return

    def _write(self, node: Manifest, signal: Signal, status: str, now: float) -> None:
        fresh = self._store.get("Node", "", node["metadata"]["name"])
        moment = rfc3339(now)
        reason, message = signal.yes if status == "True" else signal.no
        made = {
            "type": signal.condition,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": moment,
            "lastTransitionTime": moment,
        }
        before = fresh["status"].get("conditions") or []
        others = [made if entry["type"] == signal.condition else entry for entry in before]
        if made not in others:
            others.append(made)
        changed = {**fresh, "status": {**fresh["status"], "conditions": others}}
        self._store.update(changed, manager="kubelet", subresource="status")


def _room(size: float | None, signal: Signal, use: ContainerUse) -> tuple[float, float]:
    """(threshold, free) in bytes; a node that does not say how much it has is never full."""
    if size is None:
        return 0.0, 1.0
    if signal is MEMORY:
        return float(MEMORY_FREE), max(size - use.memory, 0.0)
    return size * DISK_FREE, max(size - use.disk, 0.0)
