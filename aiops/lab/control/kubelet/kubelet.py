"""The kubelet: one loop for the pods of all nodes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.kubelet.addresses import PodAddresses, host_ip
from aiops.lab.control.kubelet.containers import ContainerManager
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.pod_status import pod_status
from aiops.lab.control.kubelet.probes import NAMES, run_probes
from aiops.lab.control.kubelet.worker import ContainerState, PodWorker
from aiops.lab.kube.objects import Key, deleting, key_of, uid_of
from aiops.lab.kube.storage.deletion import FINISHED, DeleteOptions
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime

MANAGER = "kubelet"
TERMINATION_SECONDS = 2.0
"""How long a process takes to end when it is asked to."""

KILLED = 137


@dataclass(frozen=True, slots=True)
class _Running:
    """A process that is looked after."""

    key: Key
    spec: Manifest
    container: ContainerState


class Kubelet:
    """Starts, probes, restarts and ends containers, and writes the status of their pods."""

    def __init__(self, store: ObjectStore, runtime: Runtime, rng: Random, events: EventRecorder) -> None:
        self._store = store
        self._runtime = runtime
        self._events = events
        self._containers = ContainerManager(store, runtime, rng)
        self._addresses = PodAddresses(store)
        self._workers: dict[Key, PodWorker] = {}
        self._running: dict[str, _Running] = {}

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Pod" and write.new["spec"].get("nodeName"):
            # A status is written by the kubelet itself and shares the spec with the state before.
            new, old = write.new, write.old
            if (
                old is None
                or old["spec"] is not new["spec"]
                or write.type == "DELETED"
                or deleting(new) != deleting(old)
            ):
                yield key_of(new)

    def observe(self) -> list[Key]:
        """Look at every process once: has it ended, what do its probes say? Returns the pods that need a look."""
        now = self._store.now()
        changed: dict[Key, None] = {}
        for running in list(self._running.values()):
            status = self._runtime.status(running.container.id)
            if not status.running:
                at = now if status.finished_at is None else status.finished_at
                self._end(running, status.exit_code or 0, status.reason, at)
                changed[running.key] = None
            elif self._probe(running, now):
                changed[running.key] = None
        return list(changed)

    def _probe(self, running: _Running, now: float) -> bool:
        """Run the probes that are due. Returns whether the pod needs a look."""
        if now < running.container.next_probe_at:
            return False
        pod = self._store.find("Pod", *running.key)
        if pod is None:
            return True
        notes = PodNotes(self._events, pod)
        result = run_probes(self._runtime, running.container, running.spec, notes, now)
        if result.kill:
            why = f"Container {running.container.name} failed {NAMES[result.kill]} probe, will be restarted"
            notes.container(running.spec, NORMAL, "Killing", why)
            self._end(running, KILLED, "Error", now)
        return result.changed or bool(result.kill)

    def _end(self, running: _Running, exit_code: int, reason: str, at: float) -> None:
        self._running.pop(running.container.id)
        self._containers.end(running.container, exit_code, reason or ("Error" if exit_code else "Completed"), at)

    def sync(self, key: Key) -> float | None:
        pod, worker = self._store.find("Pod", *key), self._workers.get(key)
        if worker is not None and (pod is None or uid_of(pod) != worker.uid):
            self._forget(key, worker)
            worker = None
        if pod is None or not pod["spec"].get("nodeName"):
            return None
        if worker is None:
            worker = self._workers[key] = PodWorker(uid_of(pod), self._addresses.take(pod))
        if deleting(pod):
            return self._terminate(key, pod, worker)
        if pod.get("status", {}).get("phase") in FINISHED:
            return None
        return self._run(key, pod, worker)

    def _run(self, key: Key, pod: Manifest, worker: PodWorker) -> float | None:
        """Bring each container one step on, and report."""
        now, host = self._store.now(), host_ip(self._store, pod)
        addressed = {**pod, "status": {**pod.get("status", {}), "podIP": worker.ip, "hostIP": host}}
        notes = PodNotes(self._events, pod)
        moments = []
        for spec in _due(pod, worker):
            container = worker.container(spec["name"])
            if container.running and container.image != spec["image"]:
                why = f"Container {spec['name']} definition changed, will be restarted"
                notes.container(spec, NORMAL, "Killing", why)
                self._end(self._running[container.id], 0, "Completed", now)
            moments.append(self._containers.advance(addressed, container, spec, notes, now))
            if container.running:
                self._running.setdefault(container.id, _Running(key, spec, container))
        status = pod_status(pod, worker, host, now)
        if status != pod.get("status"):
            self._store.update({**pod, "status": status}, manager=MANAGER, subresource="status")
        return min((moment for moment in moments if moment is not None), default=None)

    def _terminate(self, key: Key, pod: Manifest, worker: PodWorker) -> float | None:
        """Ask the processes to end; once they have, the pod goes."""
        now = self._store.now()
        if worker.terminating_since is None:
            worker.terminating_since = now
            for spec in pod["spec"]["containers"]:
                if worker.container(spec["name"]).running:
                    notes = PodNotes(self._events, pod)
                    notes.container(spec, NORMAL, "Killing", f"Stopping container {spec['name']}")
        grace: float = pod["metadata"].get("deletionGracePeriodSeconds", 0)
        done = worker.terminating_since + min(TERMINATION_SECONDS, grace)
        if now < done:
            return done
        self._forget(key, worker)
        self._store.delete("Pod", *key, DeleteOptions(grace_seconds=0, uid=worker.uid))
        return None

    def _forget(self, key: Key, worker: PodWorker) -> None:
        """End all processes of a pod and free its address."""
        for container in worker.containers.values():
            if container.id:
                self._running.pop(container.id, None)
                self._runtime.stop(container.id)
        self._addresses.free(worker.ip)
        del self._workers[key]


def _due(pod: Manifest, worker: PodWorker) -> list[Manifest]:
    """The containers to look at: the first init container that is not done, else the main ones."""
    for spec in pod["spec"].get("initContainers") or ():
        if worker.container(spec["name"]).exit_code != 0:
            return [spec]
    return list(pod["spec"]["containers"])
