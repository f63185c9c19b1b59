"""All nodes with their pods, kept up by the writes that the scheduler hears, and ahead of them by its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.amounts import Amounts, comparable_requests, pod_requests
from aiops.lab.control.scheduling.nodeinfo import NodeInfo, PodInfo, host_ports
from aiops.lab.control.scheduling.terms import NO_TERMS, pod_terms
from aiops.lab.kube.objects import labels_of, uid_of
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

MOST_CHANGES = 50_000
"""Length of the list of changed nodes; readers that are further behind start anew."""


class ClusterCache:
    """NodeInfos by name. `changed` lists the nodes in the order in which they changed; `epoch` rises when a reader of
    that list must start anew."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._revision = -1
        self._selects_namespaces = False
        self._places: dict[str, str] = {}
        self._sizes: dict[bytes, tuple[Amounts, tuple[int, int]]] = {}
        self.nodes: dict[str, NodeInfo] = {}
        self.changed: list[str] = []
        self.epoch = 0
        self.with_terms: dict[str, None] = {}
        self.nominated: dict[str, dict[str, PodInfo]] = {}

    def hear(self, write: Write) -> None:
        """Take over a write. Revisions follow each other; after a gap everything is read anew at the next `refresh`."""
        if write.revision <= self._revision:
            return
        if self._revision < 0 or write.revision > self._revision + 1:
            self._revision = -1
            return
        self._revision = write.revision
        if write.kind == "Namespace" and self._selects_namespaces and _labels_differ(write):
            self._revision = -1
        if write.kind == "Pod":
            self._take_pod(write.new, gone=write.type == "DELETED")
        elif write.kind == "Node":
            self._take_node(write.new, gone=write.type == "DELETED")

    def refresh(self) -> None:
        """Read everything anew where writes were missed."""
        if self._revision >= 0:
            return
        self.nodes, self._places, self.with_terms, self.nominated = {}, {}, {}, {}
        for node in self._store.objects("Node"):
            self._take_node(node, gone=False)
        for pod in self._store.objects("Pod"):
            self._take_pod(pod, gone=False)
        self._revision = self._store.revision
        self._start_anew()

    def assume(self, pod: Manifest, node: str) -> None:
        """Count a pod on a node before its write is heard, or while its volumes are made there."""
        self._place(uid_of(pod), self.info(pod), node)

    def forget(self, uid: str) -> None:
        """Count a pod nowhere that has no node yet."""
        self._place(uid, None, "")

    def namespaces(self, selector: Mapping[str, Any]) -> frozenset[str]:
        self._selects_namespaces = True
        return frozenset(
            namespace["metadata"]["name"]
            for namespace in self._store.objects("Namespace")
            if matches_selector(selector, labels_of(namespace))
        )

    def info(self, pod: Manifest) -> PodInfo:
        """A pod with its sums; pods of equal containers share them."""
        spec = pod["spec"]
        parts = [
            [(c.get("resources"), c.get("restartPolicy")) for c in spec.get(field) or ()]
            for field in ("containers", "initContainers")
        ]
        key = orjson.dumps([parts, spec.get("resources"), spec.get("overhead")])
        sizes = self._sizes.get(key)
        if sizes is None:
            sizes = self._sizes[key] = (pod_requests(pod), comparable_requests(pod))
        affinity = spec.get("affinity")
        terms = pod_terms(pod, self.namespaces) if affinity else NO_TERMS
        return PodInfo(pod, *sizes, host_ports(pod), terms)

    def nominate(self, pod: Manifest, node: str) -> None:
        """Keep in mind that a pod waits for room on a node; an empty name forgets it."""
        uid = uid_of(pod)
        for name in [name for name, waiting in self.nominated.items() if uid in waiting]:
            del self.nominated[name][uid]
            if not self.nominated[name]:
                del self.nominated[name]
        if node:
            self.nominated.setdefault(node, {})[uid] = self.info(pod)

    # ---- inside

    def _take_node(self, node: Manifest, *, gone: bool) -> None:
        name = node["metadata"]["name"]
        info = self.nodes.get(name)
        if info is None:
            info = self.nodes[name] = NodeInfo(name)
        before = info.node
        info.set_node(None if gone else node)
        if gone and not info.pods:
            del self.nodes[name]
        if gone or before is None or node_view(before) != node_view(node):
            self._note(name)

    def _take_pod(self, pod: Manifest, *, gone: bool) -> None:
        uid, node = uid_of(pod), pod["spec"].get("nodeName") or ""
        status = pod.get("status") or {}
        if gone or status.get("phase") in FINISHED or not node:
            if node or gone:
                self._place(uid, None, "")
            self.nominate(pod, "" if gone or node else status.get("nominatedNodeName") or "")
            return
        place = self._places.get(uid)
        known = self.nodes[node].pods.get(uid) if place == node else None
        if known is not None and _same(known.pod, pod):
            self.nodes[node].pods[uid] = PodInfo(pod, known.requests, known.comparable, known.ports, known.terms)
            if uid in self.nodes[node].with_terms:
                self.nodes[node].with_terms[uid] = self.nodes[node].pods[uid]
            return
        self.nominate(pod, "")
        self._place(uid, self.info(pod), node)

    def _place(self, uid: str, info: PodInfo | None, node: str) -> None:
        """Move a pod to a node, or away where there is no info."""
        before = self._places.pop(uid, "")
        if before:
            self.nodes[before].remove(uid)
            self._drop_if_empty(before)
            self._note(before)
        if info is None:
            return
        if node not in self.nodes:
            self.nodes[node] = NodeInfo(node)
        self.nodes[node].add(info)
        self._places[uid] = node
        if info.terms:
            self.with_terms[node] = None
        self._note(node)

    def _drop_if_empty(self, name: str) -> None:
        info = self.nodes[name]
        if not info.with_terms:
            self.with_terms.pop(name, None)
        if info.node is None and not info.pods:
            del self.nodes[name]

    def _note(self, name: str) -> None:
        self.changed.append(name)
        if len(self.changed) > MOST_CHANGES:
            self._start_anew()

    def _start_anew(self) -> None:
        self.epoch += 1
        self.changed.clear()


def _same(known: Manifest, pod: Manifest) -> bool:
    """Does the pod take from its node, and mean to others, what it did?"""
    if known["spec"] is not pod["spec"] and known["spec"] != pod["spec"]:
        return False
    gone = "deletionTimestamp"
    return labels_of(known) == labels_of(pod) and (gone in known["metadata"]) == (gone in pod["metadata"])


def node_view(node: Manifest) -> tuple[Any, ...]:
    """What of a node decides whether pods fit, and how well."""
    status = node.get("status") or {}
    return node["spec"], labels_of(node), status.get("allocatable"), status.get("capacity"), status.get("images")


def _labels_differ(write: Write) -> bool:
    return write.old is None or write.type == "DELETED" or labels_of(write.old) != labels_of(write.new)
