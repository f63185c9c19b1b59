"""Brings the containers of one pod on: sets the pod up, starts what is due, replaces and resizes what has changed."""

from __future__ import annotations

from random import Random

from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.kubelet.addresses import PodAddresses, host_ip
from aiops.lab.control.kubelet.backoff import Backoff
from aiops.lab.control.kubelet.containers import ContainerManager, Surroundings
from aiops.lab.control.kubelet.endings import grace_of
from aiops.lab.control.kubelet.links import ServiceLinks
from aiops.lab.control.kubelet.logins import registry_logins
from aiops.lab.control.kubelet.mounts import Mounts
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.registry import Running, RunningContainers
from aiops.lab.control.kubelet.resizing import limits_of, must_restart, resize_message
from aiops.lab.control.kubelet.sequence import all_containers, plan
from aiops.lab.control.kubelet.termination import Terminator
from aiops.lab.control.kubelet.volumes import MountError
from aiops.lab.control.kubelet.worker import INFINITY, PodWorker
from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime


class PodRunner:
    """What pods have on their nodes: an address, volumes, processes, which stand in `running` while they run."""

    def __init__(
        self,
        store: ObjectStore,
        runtime: Runtime,
        rng: Random,
        events: EventRecorder,
        terminator: Terminator,
        running: RunningContainers,
    ) -> None:
        self._store = store
        self._runtime = runtime
        self._events = events
        self._terminator = terminator
        self._containers = ContainerManager(store, runtime, rng, terminator)
        self._addresses = PodAddresses(store)
        self._links = ServiceLinks(store)
        self._mounts = Mounts(store)
        self._running = running

    def hear(self, write: Write) -> None:
        """Something was written that containers get from beside their pod."""
        if write.kind == "Service":
            self._links.hear(write)
        else:
            self._mounts.hear(write)

    def stale(self, now: float) -> list[Key]:
        """The pods whose volumes have to be read again now."""
        return self._mounts.due(now)

    def refresh(self, pod: Manifest, worker: PodWorker) -> None:
        """Give the containers of a pod what its volumes hold by now."""
        for container_id, content in self._mounts.refresh(self._addressed(pod, worker), worker).items():
            self._runtime.rewrite(container_id, content)

    def bring_on(self, key: Key, pod: Manifest, worker: PodWorker, now: float) -> float | None:
        """Bring each container one step on. Returns when to look again; None where the pod is over."""
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
        return None if wanted.over else moment

    def clear(self, worker: PodWorker, pod: Manifest | None) -> None:
        """End all processes of a pod, free its address and let its volumes go."""
        for container in worker.containers.values():
            if container.id:
                self._running.remove(container.id)
                self._runtime.stop(container.id)
        if pod is not None:
            self._mounts.drop(pod)
        if worker.ip:
            self._addresses.free(worker.ip)

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
