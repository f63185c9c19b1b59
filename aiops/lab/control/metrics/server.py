"""The metrics server: asks the nodes every fifteen seconds, and answers with what it heard last.

Nothing is measured until somebody asks: an idle cluster pays nothing for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, Protocol

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import METRICS
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.storage.shelf import Shelf
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import ContainerUse

RESOLUTION = 15.0
"""Seconds between two questions to the nodes (`--metric-resolution`)."""

_VERSION = "metrics.k8s.io/v1beta1"


class Uses(Protocol):
    """What containers and nodes use at this moment."""

    def use(self, container_id: str) -> ContainerUse | None: ...

    def node_use(self) -> Mapping[str, ContainerUse]: ...


class MetricsServer:
    """Samples of the latest round of questions. A container is in it from the second round after its start on."""

    def __init__(self, store: ObjectStore, uses: Uses) -> None:
        self._store = store
        self._uses = uses
        self._round = -1.0
        self._containers: dict[str, ContainerUse | None] = {}
        self._nodes: Mapping[str, ContainerUse] | None = None
        self._pods: dict[tuple[str, str], Manifest | None] = {}

    def install(self) -> None:
        """Serve metrics.k8s.io on this cluster."""
        for resource in METRICS:
            self._store.catalog.add(resource)
        self._store.serve("PodMetrics", _Answers(self._store, "Pod", self._pod))
        self._store.serve("NodeMetrics", _Answers(self._store, "Node", self._node))

    def _refresh(self) -> float:
        """The moment of the latest round; what was heard before is forgotten with a new one."""
        moment = self._store.now() // RESOLUTION * RESOLUTION
        if moment != self._round:
            self._round, self._nodes = moment, None
            self._containers.clear()
            self._pods.clear()
        return moment

    def _pod(self, pod: Manifest) -> Manifest | None:
        """Made once a round for each version of a pod: every autoscaler lists the pods of its namespace."""
        moment = self._refresh()
        key = (pod["metadata"]["uid"], pod["metadata"]["resourceVersion"])
        if key not in self._pods:
            self._pods[key] = self._measured(pod, moment)
        return self._pods[key]

    def _measured(self, pod: Manifest, moment: float) -> Manifest | None:
        if (pod.get("status") or {}).get("phase") != "Running":
            return None
        containers = []
        for entry in pod["status"].get("containerStatuses") or ():
            started = (entry.get("state") or {}).get("running", {}).get("startedAt")
            if not started or from_rfc3339(started) > moment - RESOLUTION:
                return None
            use = self._sample(str(entry.get("containerID", "")).partition("://")[2])
            if use is None:
                return None
            containers.append({"name": entry["name"], "usage": _usage(use)})
        metadata = pod["metadata"]
        return {
            **_head("PodMetrics", metadata, moment),
            "containers": sorted(containers, key=lambda each: str(each["name"])),
        }

    def _sample(self, container: str) -> ContainerUse | None:
        if container not in self._containers:
            self._containers[container] = self._uses.use(container)
        return self._containers[container]

    def _node(self, node: Manifest) -> Manifest | None:
        moment = self._refresh()
        if self._nodes is None:
            self._nodes = self._uses.node_use()
        use = self._nodes.get(node["metadata"]["name"])
        return {**_head("NodeMetrics", node["metadata"], moment), "usage": _usage(use)} if use is not None else None


def _head(kind: str, metadata: dict[str, Any], moment: float) -> Manifest:
    kept = {field: metadata[field] for field in ("name", "namespace", "labels") if metadata.get(field)}
    return {
        "kind": kind,
        "apiVersion": _VERSION,
        "metadata": {**kept, "creationTimestamp": rfc3339(moment)},
        "timestamp": rfc3339(moment),
        "window": f"{RESOLUTION:g}s",
    }


def _usage(use: ContainerUse) -> dict[str, str]:
    """CPU in nanocores, memory in whole kibibytes, as the metrics server writes them."""
    return {"cpu": f"{ceil(use.cpu * 1e9)}n", "memory": f"{ceil(use.memory / 1024)}Ki"}


class _Answers(Shelf):
    """Looks like a shelf of stored objects; each is made of one that is stored, when it is read."""

    def __init__(self, store: ObjectStore, kind: str, answer: Callable[[Manifest], Manifest | None]) -> None:
        super().__init__()
        self._store = store
        self._kind = kind
        self._answer = answer

    def get(self, key: Key) -> Manifest | None:
        found = self._store.find(self._kind, *key)
        return self._answer(found) if found is not None else None

    def list(self, namespace: str = "", after: Key | None = None) -> list[Manifest]:
        found = self._store.objects(self._kind, namespace)
        start = bisect_right(found, after, key=key_of) if after is not None else 0
        answers = [self._answer(item) for item in found[start:]]
        return [answer for answer in answers if answer is not None]
