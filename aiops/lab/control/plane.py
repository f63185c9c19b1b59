"""The control plane: everything that acts on the objects by itself, one step at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import Random

from aiops.lab.control.access.account_tokens import AccountTokens
from aiops.lab.control.access.certificate_signer import CertificateSigner
from aiops.lab.control.access.policy_status import PolicyStatus
from aiops.lab.control.access.role_aggregation import RoleAggregation
from aiops.lab.control.controller import CONTROLLER_MANAGER, Controller
from aiops.lab.control.disruption.budgets import DisruptionController
from aiops.lab.control.event_series import SeriesRecorder
from aiops.lab.control.events import EventRecorder
from aiops.lab.control.housekeeping.event_expiry import EventExpiry
from aiops.lab.control.housekeeping.finished_jobs import FinishedJobs
from aiops.lab.control.housekeeping.garbage import GarbageCollector
from aiops.lab.control.housekeeping.namespace_contents import DefaultAccounts, RootAuthority
from aiops.lab.control.housekeeping.namespaces import NamespaceController
from aiops.lab.control.kubelet.kubelet import Kubelet
from aiops.lab.control.network.endpoints import EndpointsController
from aiops.lab.control.network.mirroring import EndpointSliceMirroringController
from aiops.lab.control.network.slices import EndpointSliceController
from aiops.lab.control.nodes.lifecycle import NodeLifecycleController
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.control.nodes.pod_gc import PodGarbageCollector
from aiops.lab.control.nodes.reporter import NodeReporter
from aiops.lab.control.nodes.taint_eviction import TaintEvictionController
from aiops.lab.control.queue import WorkQueue
from aiops.lab.control.queue_names import queue_name
from aiops.lab.control.quota.recount import QuotaController
from aiops.lab.control.scaling.autoscaler import HorizontalController
from aiops.lab.control.scheduling.scheduler import MANAGER as SCHEDULER_MANAGER
from aiops.lab.control.scheduling.scheduler import NAME as SCHEDULER
from aiops.lab.control.scheduling.scheduler import Scheduler
from aiops.lab.control.volumes.binder import PersistentVolumeBinder
from aiops.lab.control.volumes.protection import PvcProtectionController, PvProtectionController
from aiops.lab.control.volumes.provisioner import MANAGER as PROVISIONER_MANAGER
from aiops.lab.control.volumes.provisioner import NAME as PROVISIONER
from aiops.lab.control.volumes.provisioner import LocalPathProvisioner
from aiops.lab.control.workloads.cronjob import CronJobController
from aiops.lab.control.workloads.daemonset import DaemonSetController
from aiops.lab.control.workloads.deployment import DeploymentController
from aiops.lab.control.workloads.job import JobController
from aiops.lab.control.workloads.replicaset import ReplicaSetController
from aiops.lab.control.workloads.statefulset import StatefulSetController
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime

ROUNDS = 100
"""Bound on the rounds of one step; a healthy step needs about ten. What is left goes on in the next step."""

HEARD_AT_ONCE = 5_000
"""Writes after which controllers are told of them even within a round: what nobody has heard of is kept twice."""

log = logging.getLogger(__name__)

Loop = tuple[Controller, WorkQueue[Key]]


class ControlPlane:
    """Controllers, scheduler and kubelets over one store. `step` once a tick; `react` between two where it matters."""

    def __init__(self, store: ObjectStore, runtime: Runtime, rng: Random, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now

        def events(component: str, manager: str = CONTROLLER_MANAGER) -> EventRecorder:
            return EventRecorder(store, component, manager)

        self.machines = Machines(now)
        self._kubelet = Kubelet(store, runtime, rng, events("kubelet", "kubelet"), self.machines)
        self._reporter = NodeReporter(store, rng, self.machines, events("kubelet", "kubelet"))
        store.shown["Lease"] = self._reporter.lease_shown
        self._lifecycle = NodeLifecycleController(store, self.machines, events("node-controller"))
        self.scheduler = Scheduler(store, SeriesRecorder(store, SCHEDULER, SCHEDULER_MANAGER))
        controllers: tuple[Controller, ...] = (
            self._reporter,
            self._lifecycle,
            TaintEvictionController(store, events("taint-eviction-controller")),
            PodGarbageCollector(store),
            NamespaceController(store),
            DefaultAccounts(store),
            RootAuthority(store),
            DeploymentController(store, events("deployment-controller")),
            ReplicaSetController(store, events("replicaset-controller")),
            ReplicaSetController(store, events("replication-controller"), "ReplicationController"),
            StatefulSetController(store, events("statefulset-controller")),
            DaemonSetController(store, events("daemonset-controller")),
            JobController(store, events("job-controller")),
            CronJobController(store, events("cronjob-controller")),
            FinishedJobs(store),
            PersistentVolumeBinder(store, events("persistentvolume-controller")),
            LocalPathProvisioner(store, events(f"{PROVISIONER}_control-plane", PROVISIONER_MANAGER)),
            PvcProtectionController(store),
            PvProtectionController(store),
            self.scheduler,
            self._kubelet,
            HorizontalController(store, events("horizontal-pod-autoscaler")),
            EndpointSliceController(store),
            EndpointsController(store),
            EndpointSliceMirroringController(store),
            DisruptionController(store, events("controllermanager")),
            GarbageCollector(store, events("garbage-collector-controller")),
            RoleAggregation(store),
            CertificateSigner(store),
            AccountTokens(store),
            PolicyStatus(store),
            QuotaController(store),
            EventExpiry(store),
        )
        self._loops = tuple((each, WorkQueue[Key]()) for each in controllers)
        self._kubelet_queue = self._queue(self._kubelet)
        machinery = (self._reporter, self._kubelet)
        self._prompt = tuple(loop for loop in self._loops if loop[0] not in machinery)
        self._hearing: dict[str, tuple[Loop, ...]] = {}
        self._seen = 0
        store.history.read_to(self._seen)

    @property
    def queues(self) -> dict[str, WorkQueue[Key]]:
        """The queues of kube-controller-manager, by the names that its metrics give them."""
        return {name: queue for controller, queue in self._loops if (name := queue_name(controller))}

    def _queue(self, controller: Controller) -> WorkQueue[Key]:
        return next(queue for each, queue in self._loops if each is controller)

    def step(self) -> None:
        """Let everything act until nothing is left to do at this moment."""
        now = self._now()
        for name in self.machines.take_news():
            self._queue(self._reporter).add(self._reporter.restart(name))
            self._queue(self._lifecycle).add(("", name))
            for key in self._kubelet.reconnect(name):
                self._kubelet_queue.add(key)
        for key in self._kubelet.observe():
            self._kubelet_queue.add(key)
        self._settle(self._loops, now)

    def react(self) -> None:
        """Let controllers and scheduler act on what was written since the last step, at the present moment.

        Machines and their kubelets wait for the next step: processes start and end at ticks."""
        self._settle(self._prompt, self._now())

    def _settle(self, loops: tuple[Loop, ...], now: float) -> None:
        for _ in range(ROUNDS):
            self._hear()
            if not self._round(loops, now):
                break

    def _hear(self) -> None:
        """Hand every write since the last look to the controllers that care."""
        if self._seen == self._store.revision:
            return
        for write in self._news():
            for controller, queue in self._hearers(write.kind):
                try:
                    for key in controller.keys(write):
                        queue.add(key)
                except Exception:  # the border of one controller: what it cannot read must not stop the others
                    log.exception("%s: %s %s", type(controller).__name__, write.type, write.kind)
        self._seen = self._store.revision
        self._store.history.read_to(self._seen)

    def _hearers(self, kind: str) -> tuple[Loop, ...]:
        """The controllers that care for writes to a kind."""
        found = self._hearing.get(kind)
        if found is None:
            found = tuple(loop for loop in self._loops if loop[0].hears is None or kind in loop[0].hears)
            self._hearing[kind] = found
        return found

    def _news(self) -> list[Write]:
        """The writes since the last look; where the first one comes too late, every object as if it were new."""
        if self._store.history.reaches(self._seen):
            return list(self._store.history.since(self._seen))
        return [
            Write(self._store.revision, "ADDED", kind, item, None)
            for kind in self._store.catalog.shelves
            for item in self._store.objects(kind)
        ]

    def _round(self, loops: tuple[Loop, ...], now: float) -> bool:
        """Each of these works off its queue once. Was there anything?"""
        busy = False
        for controller, queue in loops:
            if queue.due > now:
                continue
            for key in queue.take(now):
                busy = True
                try:
                    with self._store.acting(controller.user(key)):
                        moment = controller.sync(key)
                except ApiError as error:  # a write that was refused must not stop the others
                    log.info("%s %s: %s", type(controller).__name__, "/".join(key), error)
                    queue.add_rate_limited(key, now)
                    continue
                except Exception:  # the border of one object: what its controller cannot bear must not stop the others
                    log.exception("%s %s", type(controller).__name__, "/".join(key))
                    queue.add_rate_limited(key, now)
                    continue
                queue.forget(key)
                if moment is not None:
                    queue.add_at(key, moment)
                if self._store.revision >= self._seen + HEARD_AT_ONCE:
                    self._hear()
        return busy
