"""The pod garbage collector: pods whose node is gone, or will not come back, end without it."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER, Controller
from aiops.lab.kube.objects import Key, condition_is, deleting, key_of, uid_of
from aiops.lab.kube.storage.deletion import FINISHED, DeleteOptions
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

QUARANTINE = 40.0
"""Seconds that a node may be missing before its pods go."""

OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


class PodGarbageCollector(Controller):
    """A key is a node's name, without a namespace."""

    account = "pod-garbage-collector"
    hears = ("Node", "Pod")

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._missing: dict[str, float] = {}

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Node":
            gone, tainted = write.type == "DELETED", _out_of_service(write.new)
            if gone or tainted or write.type == "ADDED":
                yield key_of(write.new)
        elif write.kind == "Pod" and write.type != "DELETED":
            name = write.new["spec"].get("nodeName")
            moved = name and (write.old is None or write.old["spec"].get("nodeName") != name)
            if moved and self._store.find("Node", "", name) is None:
                yield "", name
            elif name and deleting(write.new):
                node = self._store.find("Node", "", name)
                if node is not None and _out_of_service(node):
                    yield "", name

    def sync(self, key: Key) -> float | None:
        name, now = key[1], self._store.now()
        node = self._store.find("Node", *key)
        if node is not None:
            self._missing.pop(name, None)
            if _out_of_service(node) and not condition_is(node, "Ready"):
                for pod in self._pods(name):
                    if deleting(pod):
                        self._fail_and_delete(pod, {})
            return None
        pods = self._pods(name)
        if not pods:
            self._missing.pop(name, None)
            return None
        end = self._missing.setdefault(name, now + QUARANTINE)
        if now < end:
            return end
        del self._missing[name]
        for pod in pods:
            self._fail_and_delete(pod, {"reason": "DeletionByPodGC", "message": "PodGC: node no longer exists"})
        return None

    def _pods(self, node: str) -> list[Manifest]:
        return [pod for pod in self._store.objects("Pod") if pod["spec"].get("nodeName") == node]

    def _fail_and_delete(self, pod: Manifest, why: dict[str, str]) -> None:
        """A pod that had not ended failed; then it goes at once, for nobody will say that it stopped."""
        status = pod.get("status") or {}
        if status.get("phase") not in FINISHED:
            conditions = list(status.get("conditions") or ())
            if why:
                entry = {"type": "DisruptionTarget", "status": "True", "lastProbeTime": None, **why}
                entry |= {
                    "lastTransitionTime": rfc3339(self._store.now()),
                    "observedGeneration": pod["metadata"].get("generation", 1),
                }
                conditions = [*(each for each in conditions if each["type"] != "DisruptionTarget"), entry]
            changed = {**pod, "status": {**status, "phase": "Failed", "conditions": conditions}}
            self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")
        if self._store.find("Pod", *key_of(pod)) is not None:
            self._store.delete("Pod", *key_of(pod), DeleteOptions(grace_seconds=0, uid=uid_of(pod)))


def _out_of_service(node: Manifest) -> bool:
    return any(taint["key"] == OUT_OF_SERVICE for taint in node["spec"].get("taints") or ())
