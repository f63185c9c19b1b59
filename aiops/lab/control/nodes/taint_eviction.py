"""The taint eviction controller: pods leave nodes whose NoExecute taints they do not tolerate, or no longer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER, Controller
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.scheduling.taints import covers
from aiops.lab.kube.objects import Key, deleting, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class _Planned:
    uid: str
    since: float
    at: float


class TaintEvictionController(Controller):
    """Keys of nodes have no namespace; those of pods have one."""

    account = "taint-eviction-controller"
    hears = ("Node", "Pod")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events
        self._planned: dict[Key, _Planned] = {}
        self._tainted: dict[str, list[dict[str, Any]]] = {}

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Node":
            name = write.new["metadata"]["name"]
            taints = [] if write.type == "DELETED" else _executing(write.new)
            if taints != self._tainted.get(name, []):
                if taints:
                    self._tainted[name] = taints
                else:
                    self._tainted.pop(name, None)
                yield "", name
        elif write.kind == "Pod":
            key = key_of(write.new)
            on_tainted = write.new["spec"].get("nodeName") in self._tainted
            if key in self._planned or (on_tainted and write.type != "DELETED"):
                yield key

    def sync(self, key: Key) -> float | None:
        if not key[0]:
            moments = [
                self._look_at(key_of(pod), pod)
                for pod in self._store.objects("Pod")
                if pod["spec"].get("nodeName") == key[1]
            ]
            return min((moment for moment in moments if moment is not None), default=None)
        pod = self._store.find("Pod", *key)
        return self._look_at(key, pod)

    def _look_at(self, key: Key, pod: Manifest | None) -> float | None:
        """Plan, carry out or cancel the eviction of a pod."""
        planned = self._planned.get(key)
        if pod is None or deleting(pod) or (planned and planned.uid != uid_of(pod)):
            planned = None
            self._planned.pop(key, None)
        if pod is None or deleting(pod):
            return None
        now = self._store.now()
        seconds = _tolerated_for(pod, self._tainted.get(pod["spec"].get("nodeName", ""), []))
        if seconds == inf:
            if planned is not None:
                del self._planned[key]
                self._note(pod, f"Cancelling deletion of Pod {'/'.join(key)}")
            return None
        since = planned.since if planned else now
        at = since + seconds
        if now >= at:
            self._planned.pop(key, None)
            self._evict(key, pod)
            return None
        self._planned[key] = _Planned(uid_of(pod), since, at)
        # The node's key can come and go; the pod's own brings its moment back.
        return at

    def _evict(self, key: Key, pod: Manifest) -> None:
        self._note(pod, f"Marking for deletion Pod {'/'.join(key)}")
        status = pod.get("status") or {}
        entry = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._store.now()),
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        others = [each for each in status.get("conditions") or () if each["type"] != "DisruptionTarget"]
        changed = {**pod, "status": {**status, "conditions": [*others, entry]}}
        self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")
        self._store.delete("Pod", *key)

    def _note(self, pod: Manifest, message: str) -> None:
        self._events.record(pod, NORMAL, "TaintManagerEviction", message)


def _executing(node: Manifest) -> list[dict[str, Any]]:
    return [taint for taint in node["spec"].get("taints") or () if taint.get("effect") == "NoExecute"]


def _tolerated_for(pod: Manifest, taints: list[dict[str, Any]]) -> float:
    """Seconds for which a pod may stay: infinite where nothing ends its stay, none where a taint is not tolerated."""
    shortest = inf
    for taint in taints:
        used = [each for each in pod["spec"].get("tolerations") or () if covers(each, taint)]
        if not used:
            return 0.0
        limits = [each.get("tolerationSeconds") for each in used]
        shortest = min([shortest, *(max(float(limit), 0.0) for limit in limits if limit is not None)])
    return shortest
