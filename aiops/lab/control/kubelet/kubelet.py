"""The kubelet: one loop for the pods of all nodes."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.kubelet.addresses import host_ip
from aiops.lab.control.kubelet.admission import Refusal, refusal
from aiops.lab.control.kubelet.endings import (
    DEADLINE_MESSAGE,
    DEADLINE_REASON,
    close,
    deadline_of,
    end_containers,
    grace_of,
    note_ending,
)
from aiops.lab.control.kubelet.eviction import PodUse
from aiops.lab.control.kubelet.node_pods import NodePods
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.phases import phase
from aiops.lab.control.kubelet.pod_runner import PodRunner
from aiops.lab.control.kubelet.pod_status import pod_status, refused_status
from aiops.lab.control.kubelet.pressure import PressureManager
from aiops.lab.control.kubelet.process_watch import ProcessWatch
from aiops.lab.control.kubelet.registry import RunningContainers
from aiops.lab.control.kubelet.termination import Terminator
from aiops.lab.control.kubelet.worker import INFINITY, Ending, PodWorker
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.kube.access.user import User, node_user
from aiops.lab.kube.objects import Key, deleting, key_of, uid_of
from aiops.lab.kube.storage.deletion import FINISHED, DeleteOptions
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime

MANAGER = "kubelet"


class Kubelet(Controller):
    """Starts, probes, restarts and ends containers, and writes the status of their pods."""

    hears = ("Pod", "ConfigMap", "Secret", "Service")

    def __init__(
        self,
        store: ObjectStore,
        runtime: Runtime,
        rng: Random,
        events: EventRecorder,
        machines: Machines,
    ) -> None:
        self._store = store
        self._machines = machines
        self._runtime = runtime
        self._events = events
        self._terminator = Terminator(runtime)
        running = RunningContainers()
        self._watch = ProcessWatch(store, runtime, events, machines, self._terminator, running)
        self._runner = PodRunner(store, runtime, rng, events, self._terminator, running)
        self._nodes = NodePods()
        self._pressure = PressureManager(store, runtime, events, self._evict)
        self._workers: dict[Key, PodWorker] = {}
        self._evicted: dict[Key, None] = {}

    def user(self, key: Key) -> User:
        """Who writes about a pod: its node."""
        pod = self._store.find("Pod", *key)
        return node_user(pod["spec"].get("nodeName", "") if pod is not None else "")

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Pod":
            if write.new["spec"].get("nodeName") and _matters(write):
                yield key_of(write.new)
        else:
            self._runner.hear(write)

    # ---- what happens by itself

    def observe(self) -> list[Key]:
        """Note the processes that have ended, run the probes and look after the volumes and nodes that are due.

        Returns the pods that need a look. Idle containers cost nothing here."""
        now = self._store.now()
        changed = self._watch.look(now)
        for key in self._runner.stale(now):
            pod, worker = self._store.find("Pod", *key), self._workers.get(key)
            if pod is not None and worker is not None:
                self._runner.refresh(pod, worker)
        self._pressure.look(now, self._uses, lambda: map(self._use_of, self._nodes.limited))
        changed |= self._evicted
        self._evicted.clear()
        return list(changed)

    def reconnect(self, node: str) -> list[Key]:
        """A machine was started or stopped. Returns the pods that need a look because of it."""
        if not self._machines.is_up(node):
            return []
        self._watch.catch_up(node)
        return [key_of(pod) for pod in self._store.objects("Pod") if pod["spec"].get("nodeName") == node]

    # ---- one pod

    def sync(self, key: Key) -> float | None:
        pod, worker = self._store.find("Pod", *key), self._workers.get(key)
        if worker is not None and (pod is None or uid_of(pod) != worker.uid):
            self._forget(key, worker)
            worker = None
        if pod is None or not self._reaches(pod["spec"].get("nodeName", "")):
            return None
        worker = worker or self._admit(key, pod)
        if worker is None:
            return None
        now = self._store.now()
        note_ending(pod, worker, now)
        if worker.ending is None and now >= deadline_of(pod):
            PodNotes(self._events, pod).pod_event(NORMAL, DEADLINE_REASON, DEADLINE_MESSAGE)
            worker.ending = Ending(now + grace_of(pod), "Failed", DEADLINE_REASON, DEADLINE_MESSAGE)
        if worker.ending is not None:
            return self._end(key, pod, worker, now)
        return self._run(key, pod, worker, now)

    def _reaches(self, node: str) -> bool:
        """Is there a machine that looks after this pod now?"""
        return bool(node) and self._machines.is_up(node) and self._store.find("Node", "", node) is not None

    def _admit(self, key: Key, pod: Manifest) -> PodWorker | None:
        """Take a pod over, unless it is over or the node cannot have it."""
        name = pod["spec"]["nodeName"]
        if pod.get("status", {}).get("phase") in FINISHED:
            return None
        if not deleting(pod):
            node = self._store.get("Node", "", name)
            refused = refusal(pod, node, self._nodes.load(name)) or self._pressure.refusal(pod, name)
            if refused is not None:
                self._reject(pod, refused)
                return None
        self._nodes.add(pod)
        worker = self._workers[key] = PodWorker(uid_of(pod), name)
        return worker

    def _reject(self, pod: Manifest, refused: Refusal) -> None:
        PodNotes(self._events, pod).pod_event(WARNING, refused.reason, refused.message)
        self._write(pod, refused_status(pod, refused.reason, refused.message, self._store.now()))

    def _run(self, key: Key, pod: Manifest, worker: PodWorker, now: float) -> float | None:
        """Bring each container one step on, and report."""
        moment = self._runner.bring_on(key, pod, worker, now)
        if moment is None:
            worker.ending = Ending(now + grace_of(pod))
            return self._end(key, pod, worker, now)
        self._write(pod, pod_status(pod, worker, host_ip(self._store, pod), now))
        moment = min(moment, deadline_of(self._store.get("Pod", *key)))
        return moment if moment < INFINITY else None

    # ---- its end

    def _end(self, key: Key, pod: Manifest, worker: PodWorker, now: float) -> float | None:
        """Ask the processes to end; once they have, say how, and let a deleted pod go."""
        host = host_ip(self._store, pod)
        if not end_containers(self._terminator, pod, worker, PodNotes(self._events, pod), now):
            self._write(pod, pod_status(pod, worker, host, now))
            return None
        close(pod, worker, phase(pod, worker))
        self._write(pod, pod_status(pod, worker, host, now))
        self._forget(key, worker)
        if deleting(pod):
            self._store.delete("Pod", *key, DeleteOptions(grace_seconds=0, uid=worker.uid))
        return None

    def _evict(self, key: Key, message: str, condition: dict[str, Any] | None) -> bool:
        """Begin to end a pod because of what it or its node uses. False where it is ending already."""
        pod, worker = self._store.find("Pod", *key), self._workers.get(key)
        if pod is None or worker is None or worker.ending is not None:
            return False
        PodNotes(self._events, pod).pod_event(WARNING, "Evicted", message)
        worker.ending = Ending(self._store.now(), "Failed", "Evicted", message, condition)
        self._evicted[key] = None
        return True

    def _uses(self, node: str) -> list[PodUse]:
        """What the pods of a node use."""
        return [self._use_of(pod) for pod in self._nodes.load(node).pods.values()]

    def _use_of(self, pod: Manifest) -> PodUse:
        uses = {each.name: self._runtime.use(each.id) for each in self._workers[key_of(pod)].running}
        return PodUse(pod, {name: use for name, use in uses.items() if use is not None})

    def _write(self, pod: Manifest, status: dict[str, Any]) -> None:
        if status != pod.get("status"):
            self._store.update({**pod, "status": status}, manager=MANAGER, subresource="status")

    def _forget(self, key: Key, worker: PodWorker) -> None:
        """End what is left of a pod on its node."""
        self._runner.clear(worker, self._nodes.remove(worker.node, key))
        del self._workers[key]


def _matters(write: Write) -> bool:
    """Does a write of a pod change what its node has to do? Most are the kubelet's own reports."""
    new, old = write.new, write.old
    if old is None or write.type == "DELETED" or old["spec"] is not new["spec"]:
        return True
    before, after = old["metadata"], new["metadata"]
    if any(before.get(field) != after.get(field) for field in ("deletionTimestamp", "deletionGracePeriodSeconds")):
        return True
    status, was = new.get("status") or {}, old.get("status") or {}
    if status.get("phase") in FINISHED and was.get("phase") not in FINISHED:
        return True
    return bool(new["spec"].get("readinessGates")) and status.get("conditions") != was.get("conditions")
