"""The kubelet: one loop for the pods of all nodes."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.kubelet.addresses import PodAddresses, host_ip
from aiops.lab.control.kubelet.admission import Refusal, refusal
from aiops.lab.control.kubelet.backoff import Backoff
from aiops.lab.control.kubelet.containers import ContainerManager, Surroundings
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
from aiops.lab.control.kubelet.links import ServiceLinks
from aiops.lab.control.kubelet.logins import registry_logins
from aiops.lab.control.kubelet.mounts import Mounts
from aiops.lab.control.kubelet.node_pods import NodePods
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.phases import phase
from aiops.lab.control.kubelet.pod_status import pod_status, refused_status
from aiops.lab.control.kubelet.pressure import PressureManager
from aiops.lab.control.kubelet.probes import NAMES, run_probes
from aiops.lab.control.kubelet.registry import Running, RunningContainers
from aiops.lab.control.kubelet.resizing import limits_of, must_restart, resize_message
from aiops.lab.control.kubelet.sequence import all_containers, plan, restarts
from aiops.lab.control.kubelet.termination import Terminator
from aiops.lab.control.kubelet.volumes import MountError
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
        self._unheard: dict[str, list[str]] = {}
        self._runtime = runtime
        self._events = events
        self._terminator = Terminator(runtime)
        self._containers = ContainerManager(store, runtime, rng, self._terminator)
        self._addresses = PodAddresses(store)
        self._links = ServiceLinks(store)
        self._mounts = Mounts(store)
        self._nodes = NodePods()
        self._pressure = PressureManager(store, runtime, events, self._evict)
        self._workers: dict[Key, PodWorker] = {}
        self._running = RunningContainers()
        self._probe_epoch = -1
        self._probed_at = 0.0
        self._evicted: dict[Key, None] = {}

    def user(self, key: Key) -> User:
        """Who writes about a pod: its node."""
        pod = self._store.find("Pod", *key)
        return node_user(pod["spec"].get("nodeName", "") if pod is not None else "")

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Pod":
            if write.new["spec"].get("nodeName") and _matters(write):
                yield key_of(write.new)
        elif write.kind in ("ConfigMap", "Secret"):
            self._mounts.hear(write)
        elif write.kind == "Service":
            self._links.hear(write)

    # ---- what happens by itself

    def observe(self) -> list[Key]:
        """Note the processes that have ended, run the probes and look after the volumes and nodes that are due.

        Returns the pods that need a look. Idle containers cost nothing here."""
        now = self._store.now()
        changed: dict[Key, None] = {}
        for container_id in self._runtime.ended():
            running = self._running.get(container_id)
            if running is not None and not self._machines.is_up(running.node):
                self._unheard.setdefault(running.node, []).append(container_id)
            elif running is not None:
                self._note_end(running, now)
                changed[running.key] = None
        epoch = self._runtime.probe_epoch()
        if epoch != self._probe_epoch:
            self._probe_epoch = epoch
            self._running.wake(self._probed_at)
        self._probed_at = now
        for running in self._running.due(now):
            if self._machines.is_up(running.node) and self._probe(running, now):
                changed[running.key] = None
            self._running.probe_again(running)
        for key in self._mounts.due(now):
            self._refresh(key)
        self._pressure.look(now, self._uses, lambda: map(self._use_of, self._nodes.limited))
        changed |= self._evicted
        self._evicted.clear()
        return list(changed)

    def reconnect(self, node: str) -> list[Key]:
        """A machine was started or stopped. Returns the pods that need a look because of it."""
        if not self._machines.is_up(node):
            return []
        for container_id in self._unheard.pop(node, ()):
            running = self._running.get(container_id)
            if running is not None:
                self._note_end(running, self._store.now())
        return [key_of(pod) for pod in self._store.objects("Pod") if pod["spec"].get("nodeName") == node]

    def _note_end(self, running: Running, now: float) -> None:
        container_id = running.container.id
        self._running.remove(container_id)
        self._terminator.ended(running.container, running.spec, self._runtime.status(container_id), now)

    def _probe(self, running: Running, now: float) -> bool:
        """Run the probes that are due. Returns whether the pod needs a look."""
        pod = self._store.find("Pod", *running.key)
        if pod is None:
            return True
        container, spec = running.container, running.spec
        notes = PodNotes(self._events, pod)
        result = run_probes(self._runtime, container, spec, notes, now)
        if result.kill:
            again = ", will be restarted" if restarts(pod, spec, 1) else ""
            message = f"Container {container.name} failed {NAMES[result.kill]} probe{again}"
            own = spec[result.kill].get("terminationGracePeriodSeconds")
            grace = grace_of(pod) if own is None or deleting(pod) else float(own)
            self._terminator.kill(container, spec, notes, grace, message)
        return result.changed or bool(result.kill)

    def _refresh(self, key: Key) -> None:
        """Give the containers of a pod what its volumes hold by now."""
        pod, worker = self._store.find("Pod", *key), self._workers.get(key)
        if pod is None or worker is None:
            return
        for container_id, content in self._mounts.refresh(self._addressed(pod, worker), worker).items():
            self._runtime.rewrite(container_id, content)

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
        notes = PodNotes(self._events, pod)
        self._replace_changed(pod, worker, notes)
        self._resize(pod, worker, notes)
        wanted = plan(pod, worker)
        moment = INFINITY
        while wanted.start:
            before = len(worker.running)
            moment = self._start(key, pod, worker, wanted.start, notes, now)
            if worker.initialized or len(worker.running) == before:
                break
            wanted = plan(pod, worker)  # a sidecar that runs lets the next container start at once
        if wanted.over:
            worker.ending = Ending(now + grace_of(pod))
            return self._end(key, pod, worker, now)
        self._write(pod, pod_status(pod, worker, host_ip(self._store, pod), now))
        moment = min(moment, deadline_of(self._store.get("Pod", *key)))
        return moment if moment < INFINITY else None

    def _start(
        self, key: Key, pod: Manifest, worker: PodWorker, specs: tuple[Manifest, ...], notes: PodNotes, now: float
    ) -> float:
        """Set the pod up and start what is due. Returns when to look again."""
        retry = worker.mount_backoff.until(worker.mount_failed_at)
        if worker.mount_failed_at and now < retry:
            return retry
        try:
            volumes = self._mounts.set_up(self._addressed(pod, worker))
        except MountError as error:
            notes.pod_event(WARNING, "FailedMount", str(error))
            worker.mount_failed_at = now
            worker.mount_backoff.use(now)
            return now + worker.mount_backoff.delay
        worker.mount_failed_at = 0.0
        worker.ip = worker.ip or self._addresses.take(pod)
        logins = registry_logins(self._store, pod, notes)
        around = Surroundings(self._addressed(pod, worker), volumes, self._links.of(pod), logins)
        moments = []
        for spec in specs:
            container = worker.container(spec["name"])
            moments.append(self._containers.advance(around, container, spec, notes, now))
            if container.running:
                self._running.add(Running(key, worker.node, spec, container))
        return min((moment for moment in moments if moment is not None), default=INFINITY)

    def _addressed(self, pod: Manifest, worker: PodWorker) -> Manifest:
        """The pod with its addresses, which its status does not have yet."""
        host = host_ip(self._store, pod)
        return {**pod, "status": {**pod.get("status", {}), "podIP": worker.ip, "hostIP": host}}

    def _replace_changed(self, pod: Manifest, worker: PodWorker, notes: PodNotes) -> None:
        """A running container whose image is another one by now is ended, and starts again without delay."""
        for spec in all_containers(pod):
            container = worker.container(spec["name"])
            if container.running and not container.stopping and container.image != spec["image"]:
                message = f"Container {spec['name']} definition changed, will be restarted"
                self._terminator.kill(container, spec, notes, grace_of(pod), message)
                container.restart_backoff = Backoff()

    def _resize(self, pod: Manifest, worker: PodWorker, notes: PodNotes) -> None:
        """Give running containers what they ask for by now, as the pod's `resize` subresource lets them."""
        for spec in all_containers(pod):
            container = worker.container(spec["name"])
            wanted = spec.get("resources") or {}
            if not container.running or container.stopping or container.resources == wanted:
                continue
            if must_restart(spec, container.resources, wanted):
                message = f"Container {spec['name']} resize requires restart"
                self._terminator.kill(container, spec, notes, grace_of(pod), message)
                continue
            container.resources = wanted
            self._runtime.resize(container.id, *limits_of(spec))
            notes.pod_event(NORMAL, "ResizeCompleted", resize_message(pod))

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
        """End all processes of a pod and free its address."""
        for container in worker.containers.values():
            if container.id:
                self._running.remove(container.id)
                self._runtime.stop(container.id)
        pod = self._nodes.remove(worker.node, key)
        if pod is not None:
            self._mounts.drop(pod)
        if worker.ip:
            self._addresses.free(worker.ip)
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
