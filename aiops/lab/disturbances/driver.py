"""Begins and ends disturbances: checks that there is somebody to feel them, and does at once what is done once."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.core.disturbance import Disturbance
from aiops.core.disturbance.machine import AcceleratorFailed, ApiServerOverload, KubeletStopped, PowerOff
from aiops.core.disturbance.process import ContainerKill, Release
from aiops.core.errors import NotPossibleError
from aiops.core.target import Standing
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.disturbances.accelerators import (
    DEVICE_LOST,
    Plugins,
    has_accelerators,
    offer_accelerators,
    uses_accelerator,
)
from aiops.lab.disturbances.audience import Audience
from aiops.lab.disturbances.book import DisturbanceBook
from aiops.lab.disturbances.controllers import answer_webhooks, reconcile
from aiops.lab.disturbances.processes import nodes_of, runs
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.traffic.runtime.container_runtime import KILLED, ContainerRuntime

_POWER_LOST = 255
"""The exit code that containerd gives to containers of which it only knows that they are gone."""


class DisturbanceDriver:
    """Every disturbance of a lab goes through here."""

    def __init__(
        self,
        book: DisturbanceBook,
        audience: Audience,
        cluster: ObjectStore,
        runtime: ContainerRuntime,
        machines: Machines,
    ) -> None:
        self._book = book
        self._audience = audience
        self._cluster = cluster
        self._runtime = runtime
        self._machines = machines
        self._stopped: tuple[str, ...] = ()
        self._plugins = Plugins() if any(map(has_accelerators, cluster.objects("Node"))) else None

    def begin(self, name: str, disturbance: Disturbance) -> None:
        """Let it happen; nothing where it has begun already. Raises `ConflictError` where another one has the name,
        `NotPossibleError` where nobody would feel it."""
        if name not in self._book and (problem := self._audience.problem(disturbance)):
            raise NotPossibleError(f"{disturbance.kind}: {problem}")
        tied = disturbance.while_running
        awake = tied is None or runs(tied, self._cluster)
        if not self._book.add(name, disturbance, self._audience.bound(disturbance), awake=awake):
            return
        if isinstance(disturbance, Release):
            self._runtime.publish(disturbance.image, disturbance.version, disturbance.architecture)
        if awake:
            self._happen(disturbance)
        self._set_machines()

    def feels(self, disturbance: Disturbance) -> bool:
        """Whether anybody would feel it if it began now."""
        return not self._audience.problem(disturbance)

    def reliance(self) -> Mapping[str, float]:
        """The share of users' requests that rely on workloads, Services and calls (`core.target.DataPlane`)."""
        return self._audience.reliance()

    def step(self) -> None:
        """Notice which of the pods run that disturbances are tied to, and which offer devices."""
        if self._plugins is not None and self._plugins.look(self._cluster):
            self._offer_accelerators()
        if not self._book:
            return
        changed = self._book.rouse(lambda pods: runs(pods, self._cluster))
        for entry in changed:
            if entry.awake:
                self._happen(entry.disturbance)
        if changed:
            self._set_machines()
        reconcile(self._book, self._cluster)

    def end(self, name: str) -> bool:
        """End it, and say whether there was one."""
        disturbance = self._book.remove(name)
        if isinstance(disturbance, Release):
            self._runtime.withdraw(disturbance.image, disturbance.version)
        self._set_machines()
        return disturbance is not None

    def standing(self) -> Mapping[str, Standing]:
        """By id, in the order in which they began."""
        return {
            name: Standing(disturbance=entry.disturbance, in_effect=self._audience.in_effect(entry))
            for name, entry in self._book.entries().items()
        }

    def _happen(self, disturbance: Disturbance) -> None:
        """Do what is done once."""
        match disturbance:
            case ContainerKill():
                self._end_all(disturbance, KILLED)
            case AcceleratorFailed():
                self._end_all(disturbance, DEVICE_LOST)
            case PowerOff():
                self._end_all(disturbance, _POWER_LOST)

    def _end_all(self, disturbance: Disturbance, exit_code: int) -> None:
        for process in self._audience.concerned(disturbance):
            if not isinstance(disturbance, AcceleratorFailed) or uses_accelerator(process):
                self._runtime.end(process, exit_code)

    def _set_machines(self) -> None:
        """Let webhooks answer, stop and start the machines, offer the accelerators, and crowd the API server as it
        should be now."""
        answer_webhooks(self._book, self._cluster)
        off = (*self._book.of(PowerOff), *self._book.of(KubeletStopped))
        stopped = tuple(dict.fromkeys(name for each in off for name in nodes_of(each.nodes, self._cluster)))
        for name in stopped:
            if name not in self._stopped:
                self._machines.stop(name)
        for name in self._stopped:
            if name not in stopped:
                self._machines.start(name)
        self._stopped = stopped
        self._offer_accelerators()
        self._cluster.turned_away = max((each.percent / 100 for each in self._book.of(ApiServerOverload)), default=0.0)

    def _offer_accelerators(self) -> None:
        failed = [name for each in self._book.of(AcceleratorFailed) for name in nodes_of(each.nodes, self._cluster)]
        gone = self._plugins.gone if self._plugins is not None else ()
        offer_accelerators(self._cluster, [*failed, *gone])
