"""The scheduler: a node for each pod, or the reason why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.scheduling.predicates import NodeInfo, requests, why_not
from aiops.lab.kube.objects import Key, condition, controller_of, deleting, key_of
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

MANAGER = "kube-scheduler"
RETRY = 60.0
"""Seconds until a pod that fits nowhere is tried again, where nothing else happens before."""


class Scheduler:
    """Binds pods to nodes: among those that fit, the one with the fewest pods of the same owner, then the emptiest."""

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events
        self._waiting: dict[Key, None] = {}
        self._nodes: dict[str, NodeInfo] = {}
        self._seen = -1

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Pod" and write.type == "ADDED":
            yield key_of(write.new)
        makes_room = write.kind == "Pod" and write.type == "DELETED"
        if makes_room or (write.kind == "Node" and _node_view(write.old) != _node_view(write.new)):
            yield from self._waiting

    def sync(self, key: Key) -> float | None:
        pod = self._store.find("Pod", *key)
        if pod is None or deleting(pod) or pod["spec"].get("nodeName"):
            self._waiting.pop(key, None)
            return None
        self._refresh()
        failures = {name: why_not(pod, info) for name, info in self._nodes.items()}
        fitting = [name for name, reasons in failures.items() if not reasons]
        if fitting:
            self._waiting.pop(key, None)
            self._bind(pod, min(fitting, key=lambda name: self._rank(pod, self._nodes[name])))
            return None
        self._waiting[key] = None
        self._fail(pod, failures)
        return self._store.now() + RETRY

    def _refresh(self) -> None:
        """Count the nodes' requests anew, unless only this scheduler wrote since."""
        if self._seen == self._store.revision:
            return
        self._nodes = {node["metadata"]["name"]: NodeInfo(node) for node in self._store.objects("Node")}
        for pod in self._store.objects("Pod"):
            info = self._nodes.get(pod["spec"].get("nodeName", ""))
            if info is not None and pod.get("status", {}).get("phase") not in FINISHED:
                info.add(pod)
        self._seen = self._store.revision

    def _rank(self, pod: Manifest, info: NodeInfo) -> tuple[float, float, str]:
        owner = (controller_of(pod) or {}).get("uid")
        siblings = sum((controller_of(other) or {}).get("uid") == owner for other in info.pods) if owner else 0
        asked = requests(pod)
        share = max(
            (
                (info.requested.get(name, 0.0) + asked.get(name, 0.0)) / (info.allocatable(name) or 1.0)
                for name in ("cpu", "memory")
            ),
        )
        return siblings, share, info.node["metadata"]["name"]

    def _bind(self, pod: Manifest, node: str) -> None:
        bound = {**pod, "spec": {**pod["spec"], "nodeName": node}}
        bound = self._store.update(bound, manager=MANAGER)
        scheduled = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._store.now()),
        }
        bound = self._store.update(_with_condition(bound, scheduled), manager=MANAGER, subresource="status")
        name = "/".join(key_of(pod))
        self._events.record(bound, NORMAL, "Scheduled", f"Successfully assigned {name} to {node}")
        self._nodes[node].add(bound)
        self._seen = self._store.revision

    def _fail(self, pod: Manifest, failures: dict[str, list[str]]) -> None:
        counts = Counter(reason for reasons in failures.values() for reason in reasons)
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
        total = len(failures)
        message = f"0/{total} nodes are available: {reasons}." if total else "no nodes available to schedule pods"
        known = condition(pod, "PodScheduled")
        if known is None or known.get("message") != message:
            since = (known or {}).get("lastTransitionTime") or rfc3339(self._store.now())
            entry = {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": message,
                "lastProbeTime": None,
                "lastTransitionTime": since,
            }
            pod = self._store.update(_with_condition(pod, entry), manager=MANAGER, subresource="status")
        self._events.record(pod, WARNING, "FailedScheduling", message)
        self._seen = -1


def _with_condition(pod: Manifest, entry: Manifest) -> Manifest:
    status = pod.get("status", {})
    others = [item for item in status.get("conditions") or () if item["type"] != entry["type"]]
    return {**pod, "status": {**status, "conditions": [*others, entry]}}


def _node_view(node: Manifest | None) -> tuple[object, ...]:
    """What of a node decides whether a pod fits."""
    if node is None:
        return ()
    status = node.get("status", {})
    ready = condition(node, "Ready")
    return node["spec"], node["metadata"].get("labels"), status.get("allocatable"), (ready or {}).get("status")
