"""The scheduler: a node for each pod, or the reason why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import Controller
from aiops.lab.control.event_series import SeriesRecorder
from aiops.lab.control.events import NORMAL, WARNING
from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.cycle import Attempt, Finder
from aiops.lab.control.scheduling.fit import Diagnosis
from aiops.lab.control.scheduling.hints import VOLUMES, happened, helpful
from aiops.lab.control.scheduling.preemption import PREEMPTED, Candidate, Preemption
from aiops.lab.control.scheduling.queue import QueuedPod, SchedulingQueue
from aiops.lab.control.volumes.matching import SELECTED_NODE, bind_to
from aiops.lab.kube.access.user import User, component
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key, condition, deleting, key_of, uid_of, with_annotations
from aiops.lab.kube.storage.binding import bind
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

MANAGER = "kube-scheduler"
NAME = "default-scheduler"
BATCH: Key = ("", "")
"""The one key of this controller: it works off its own queue, which knows priorities."""

PODS_AT_ONCE = 1_000
"""Pods that one look tries at most, so that the kubelets' work on them can begin."""

UNRESOLVED = "no new claims to deallocate, preemption: "
"""What the two plug-ins that run after all nodes refused say; the first has nothing to do here."""


class Scheduler(Controller):
    """Binds pods to nodes: the best of those that fit, or room made by less important pods."""

    def __init__(self, store: ObjectStore, events: SeriesRecorder) -> None:
        self._store = store
        self._events = events
        self._cache = ClusterCache(store)
        self._finder = Finder(store, self._cache)
        self._preemption = Preemption(store, self._cache)
        self._queue = SchedulingQueue()
        self._gated: dict[str, None] = {}
        self.attempts: Counter[str] = Counter()
        """By result: `scheduled`, `unschedulable`, `error`."""
        self.preemptions = 0
        self._failed: tuple[object, ...] = ()
        self._failure: Diagnosis | None = None

    def user(self, _key: Key) -> User:
        return component("kube-scheduler")

    def pending(self) -> dict[str, int]:
        """How many pods without a node are in each part of the queue."""
        active, backoff, unschedulable = self._queue.pending(self._store.now())
        return {"active": active, "backoff": backoff, "unschedulable": unschedulable, "gated": len(self._gated)}

    def keys(self, write: Write) -> Iterable[Key]:
        self._cache.hear(write)
        if write.kind in ("Service", "Namespace") and _reads_differ(write):
            self._finder.forget()
        wanted = write.kind == "Pod" and self._enqueue(write)
        kinds = happened(write)
        if kinds and self._queue.wake(kinds, self._store.now()):
            wanted = True
        if wanted:
            yield BATCH

    def _enqueue(self, write: Write) -> bool:
        """Take in a pod that is to be scheduled. Is it to be tried now?"""
        pod = write.new
        uid, spec = uid_of(pod), pod["spec"]
        done = write.type == "DELETED" or deleting(pod) or (pod.get("status") or {}).get("phase") in FINISHED
        self._gated.pop(uid, None)
        if done or spec.get("nodeName") or spec.get("schedulerName", NAME) != NAME:
            self._queue.remove(uid)
            return False
        if spec.get("schedulingGates"):
            self._gated[uid] = None
            return False
        changed = write.old is None or (write.old["spec"] is not spec and write.old["spec"] != spec)
        relabelled = write.old is not None and write.old["metadata"].get("labels") != pod["metadata"].get("labels")
        if uid in self._queue and not changed and not relabelled:
            return False
        self._queue.add(key_of(pod), uid, int(spec.get("priority") or 0))
        return True

    def sync(self, _key: Key) -> float | None:
        now = self._store.now()
        for _ in range(PODS_AT_ONCE):
            queued = self._queue.pop(now)
            if queued is None:
                return self._queue.next_moment()
            pod = self._store.find("Pod", *queued.key)
            if pod is None or uid_of(pod) != queued.uid or deleting(pod) or pod["spec"].get("nodeName"):
                self._queue.remove(queued.uid)
                continue
            self._schedule(queued, pod)
        return now

    def _schedule(self, queued: QueuedPod, pod: Manifest) -> None:
        self._cache.forget(queued.uid)
        attempt = self._finder.attempt(pod)
        node = "" if self._fails_again(attempt) else self._finder.find(attempt)
        if not node:
            self._fail(queued, pod, attempt)
            return
        try:
            if self._bind_volumes(attempt, node):
                self._bind(pod, node)
                self._queue.remove(queued.uid)
                self.attempts["scheduled"] += 1
            else:
                self._cache.assume(pod, node)
                self._queue.wait(queued, frozenset((VOLUMES,)))
        except ApiError as error:
            self._refused(queued, pod, error)

    def _fails_again(self, attempt: Attempt) -> bool:
        """Was an equal pod just refused by the same nodes? Then its answer stands for this one."""
        nominated = (attempt.pod.get("status") or {}).get("nominatedNodeName")
        if self._failure is None or attempt.volumes is not None or nominated or self._cache.nominated:
            return False
        if self._failed != self._state(attempt):
            return False
        attempt.diagnosis = self._failure
        return True

    def _state(self, attempt: Attempt) -> tuple[object, ...]:
        pod = attempt.pod["spec"]
        return id(attempt.view), attempt.view.moment, attempt.info.priority, pod.get("preemptionPolicy")

    # ---- a node was found

    def _bind(self, pod: Manifest, node: str) -> None:
        self._cache.assume(bind(self._store, pod, node, manager=MANAGER), node)
        name = "/".join(key_of(pod))
        self._events.record(pod, NORMAL, "Scheduled", "Binding", f"Successfully assigned {name} to {node}")

    def _bind_volumes(self, attempt: Attempt, node: str) -> bool:
        """Reserve volumes for the claims that waited for this pod, or ask for new ones on the node. Are all bound?"""
        info = self._cache.nodes[node].node
        if info is None or attempt.volumes is None or not attempt.volumes.waiting:
            return True
        for claim, volume in attempt.volumes.choose(info):
            if volume is not None:
                self._store.update(bind_to(volume, claim), manager=MANAGER)
            else:
                self._store.update(with_annotations(claim, {SELECTED_NODE: node}), manager=MANAGER)
        return False

    def _refused(self, queued: QueuedPod, pod: Manifest, error: ApiError) -> None:
        """The API server did not take the binding: try again later."""
        self.attempts["error"] += 1
        self._events.record(pod, WARNING, "FailedScheduling", "Scheduling", f"binding rejected: {error}")
        self._queue.wait(queued, helpful(set()))

    # ---- none was found

    def _fail(self, queued: QueuedPod, pod: Manifest, attempt: Attempt) -> None:
        self.attempts["unschedulable"] += 1
        diagnosis = attempt.diagnosis
        nominated = ""
        if not diagnosis.after and diagnosis.total:
            nominated = self._make_room(pod, attempt)
        self._failed, self._failure = self._state(attempt), None if nominated else diagnosis
        message = diagnosis.message()
        self._queue.wait(queued, helpful(diagnosis.reasons()))
        self._events.record(pod, WARNING, "FailedScheduling", "Scheduling", message)
        entry = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastProbeTime": None,
            "lastTransitionTime": self._since(pod),
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        status = _with_condition(pod, entry)
        if nominated:
            status["nominatedNodeName"] = nominated
        elif not diagnosis.after.startswith(f"{UNRESOLVED}not eligible"):
            status.pop("nominatedNodeName", None)
        if status != pod.get("status"):
            self._store.update({**pod, "status": status}, manager=MANAGER, subresource="status")

    def _since(self, pod: Manifest) -> str:
        known = condition(pod, "PodScheduled")
        if known is not None and known["status"] == "False" and known.get("lastTransitionTime"):
            return str(known["lastTransitionTime"])
        return rfc3339(self._store.now())

    def _make_room(self, pod: Manifest, attempt: Attempt) -> str:
        """Let less important pods go where that helps. Returns the node that is kept in mind for the pod."""
        diagnosis = attempt.diagnosis
        if diagnosis.before:
            diagnosis.after = "not found"
            return ""
        self.preemptions += 1
        why = self._preemption.ineligible(attempt)
        if why:
            diagnosis.after = UNRESOLVED + why
            return ""
        candidate, message = self._preemption.choose(attempt)
        if candidate is None:
            diagnosis.after = UNRESOLVED + message
            return ""
        self._preempt(pod, candidate)
        return candidate.name

    def _preempt(self, pod: Manifest, candidate: Candidate) -> None:
        self._cache.nominate(pod, candidate.name)
        target = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": PREEMPTED,
            "message": f"{NAME}: preempting to accommodate a higher priority pod",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._store.now()),
        }
        for victim in candidate.victims:
            current = self._store.find("Pod", *key_of(victim.pod))
            if current is None or deleting(current):
                continue
            entry = {**target, "observedGeneration": current["metadata"].get("generation", 1)}
            changed = {**current, "status": _with_condition(current, entry)}
            current = self._store.update(changed, manager=MANAGER, subresource="status")
            self._store.delete("Pod", *key_of(current))
            message = f"Preempted by pod {uid_of(pod)} on node {candidate.name}"
            self._events.record(current, NORMAL, "Preempted", "Preempting", message, related=pod)


def _with_condition(pod: Manifest, entry: Manifest) -> Manifest:
    """The pod's status with a condition replaced in its place, or added."""
    status = pod.get("status") or {}
    listed = [entry if item["type"] == entry["type"] else item for item in status.get("conditions") or ()]
    if entry not in listed:
        listed.append(entry)
    return {**status, "conditions": listed}


def _reads_differ(write: Write) -> bool:
    """Did what profiles read of a Service or a namespace change?"""
    old = write.old
    if old is None or write.type == "DELETED":
        return True
    part = "spec" if write.kind == "Service" else "metadata"
    field = "selector" if write.kind == "Service" else "labels"
    return bool(write.new.get(part, {}).get(field) != old.get(part, {}).get(field))
