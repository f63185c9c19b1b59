"""One attempt to find a node for one pod."""

from __future__ import annotations

from itertools import chain, islice

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.evaluation import Refusal, evaluate, refuse
from aiops.lab.control.scheduling.fit import Diagnosis
from aiops.lab.control.scheduling.nodeinfo import NodeInfo, PodInfo
from aiops.lab.control.scheduling.profile import Profile, read_profile, signature
from aiops.lab.control.scheduling.scoring import best
from aiops.lab.control.scheduling.terms import named_nodes
from aiops.lab.control.scheduling.view import View
from aiops.lab.control.scheduling.volumes import VolumeCheck
from aiops.lab.kube.objects import uid_of
from aiops.lab.kube.storage.store import ObjectStore

KEPT_VIEWS = 16
ENOUGH_NODES = 100
"""Nodes that fit, from which on no more are looked for in large clusters (`minFeasibleNodesToFind`)."""

NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"


class Finder:
    """Finds nodes for pods. It keeps the views of the last profiles, for pods mostly come in groups of one."""

    def __init__(self, store: ObjectStore, cache: ClusterCache) -> None:
        self._store = store
        self._cache = cache
        self._views: dict[bytes, View] = {}
        self._start = 0

    def forget(self) -> None:
        """Drop what was read of Services and namespaces."""
        self._views.clear()

    def attempt(self, pod: Manifest) -> Attempt:
        self._cache.refresh()
        key = signature(pod)
        view = self._views.pop(key, None) or View(read_profile(self._store, self._cache, pod), self._cache)
        self._views[key] = view
        if len(self._views) > KEPT_VIEWS:
            del self._views[next(iter(self._views))]
        view.update()
        return Attempt(self._store, self._cache, view, pod)

    def find(self, attempt: Attempt) -> str:
        """The best node; empty where none fits, and `attempt.diagnosis` says why."""
        if not attempt.diagnosis.total or attempt.diagnosis.before:
            return ""
        nominated = (attempt.pod.get("status") or {}).get("nominatedNodeName")
        if nominated in attempt.view.evaluations and attempt.refuse(nominated) is None:
            return str(nominated)
        fitting = self._fitting(attempt)
        return best(attempt.view, fitting) if fitting else ""

    def _fitting(self, attempt: Attempt) -> list[str]:
        """Nodes that fit; in a large cluster not all of them, and each time other ones first."""
        names = attempt.candidates()
        wanted = _enough(len(names))
        start = self._start % len(names) if names and wanted < len(names) else 0
        fitting, looked = [], 0
        answers = attempt.view.evaluations if attempt.alone else None
        for name in chain(islice(names, start, None), islice(names, start)):
            looked += 1
            refusal = attempt.refuse(name) if answers is None else answers[name].refusal
            if refusal is None:
                fitting.append(name)
                if len(fitting) == wanted:
                    break
            else:
                attempt.diagnosis.refusals[name] = refusal
        self._start = start + looked
        return fitting


def _enough(nodes: int) -> int:
    """As `numFeasibleNodesToFind`: a share that falls with the size of the cluster."""
    if nodes < ENOUGH_NODES:
        return nodes
    return max(nodes * max(50 - nodes // 125, 5) // 100, ENOUGH_NODES)


class Attempt:
    """One pod, all nodes' answers to it, and what was against it."""

    def __init__(self, store: ObjectStore, cache: ClusterCache, view: View, pod: Manifest) -> None:
        self.pod = pod
        self.view = view
        self.info: PodInfo = cache.info(pod)
        self._cache = cache
        self.volumes = VolumeCheck(store, pod, view.profile.claims) if view.profile.claims else None
        self.diagnosis = Diagnosis(len(view.evaluations))
        if self.volumes is not None:
            self.diagnosis.before = self.volumes.problem
        self._named = named_nodes(view.profile.required)
        if self._named is not None:
            self.diagnosis.absent = NOT_NAMED
            if not self._named:
                self.diagnosis.before = "pod affinity terms conflict"

    @property
    def profile(self) -> Profile:
        return self.view.profile

    @property
    def alone(self) -> bool:
        """Does each node's own answer say all that speaks against it?"""
        return self.view.alone and self.volumes is None and not self._cache.nominated

    def candidates(self) -> list[str]:
        """The nodes to ask."""
        if self._named is None:
            return list(self.view.evaluations)
        return [name for name in self.view.evaluations if name in self._named]

    def refuse(self, name: str) -> Refusal | None:
        """What speaks against a node as it is, and as it will be with the pods that wait for room on it."""
        refusal = self._refuse(name)
        waiting = self._waiting(name)
        if refusal is not None or not waiting:
            return refusal
        info = self._cache.nodes[name].copy()
        for each in waiting:
            info.add(each)
        return self.refuse_as(info)

    def _refuse(self, name: str) -> Refusal | None:
        answer = self.view.evaluations[name]
        if answer.refusal is not None:
            return answer.refusal
        node = self._cache.nodes[name].node
        if self.volumes is not None and node is not None:
            refusal = self.volumes.refuse(node)
            if refusal is not None:
                return refusal
        return self.view.across(answer)

    def _waiting(self, name: str) -> list[PodInfo]:
        """Nominated pods that are at least as important."""
        nominated = self._cache.nominated.get(name)
        if not nominated:
            return []
        uid = uid_of(self.pod)
        return [each for each in nominated.values() if each.uid != uid and each.priority >= self.info.priority]

    def refuse_as(self, info: NodeInfo) -> Refusal | None:
        """What would speak against a node if it held other pods."""
        refusal = refuse(self.profile, info)
        if refusal is not None:
            return refusal
        if self.volumes is not None and info.node is not None:
            refusal = self.volumes.refuse(info.node)
            if refusal is not None:
                return refusal
        before = self.view.evaluations[info.name]
        supposed = evaluate(self.profile, info)
        self.view.replace(info.name, supposed)
        refusal = self.view.across(supposed)
        self.view.replace(info.name, before)
        return refusal

    def with_waiting(self, info: NodeInfo) -> Refusal | None:
        """`refuse_as` without and with the pods that wait for room on the node."""
        refusal = self.refuse_as(info)
        waiting = self._waiting(info.name)
        if refusal is not None or not waiting:
            return refusal
        more = info.copy()
        for each in waiting:
            more.add(each)
        return self.refuse_as(more)
