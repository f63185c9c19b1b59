"""Begins and ends disturbances: checks that there is somebody to feel them, and does at once what is done once."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.core.disturbance import Disturbance
from aiops.core.disturbance.load import LoadIncrease
from aiops.core.disturbance.machine import (
    AcceleratorFailed,
    ApiServerOverload,
    KubeletStopped,
    PowerOff,
)
from aiops.core.disturbance.network import DnsAnswer, DnsFailure, NetworkDisturbance
from aiops.core.disturbance.process import ContainerKill, Misbehaviour, Release
from aiops.core.disturbance.scope import OnNodes
from aiops.core.errors import NotPossibleError
from aiops.core.target import Standing
from aiops.lab.apps.model import Application
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.disturbances.accelerators import Accelerators
from aiops.lab.disturbances.book import DisturbanceBook, Entry
from aiops.lab.disturbances.interference import Disturbed
from aiops.lab.disturbances.processes import chosen_pod, concerns, nodes_of
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.traffic.process import Process
from aiops.lab.traffic.runtime import KILLED, ContainerRuntime

_POWER_LOST = 255
"""The exit code that containerd gives to containers of which it only knows that they are gone."""

_DEVICE_LOST = 134
"""SIGABRT: how frameworks end when their device is gone."""


class DisturbanceDriver:
    """Every disturbance of a lab goes through here."""

    def __init__(
        self,
        book: DisturbanceBook,
        felt: Disturbed,
        cluster: ObjectStore,
        runtime: ContainerRuntime,
        machines: Machines,
        application: Application,
    ) -> None:
        self._book = book
        self._felt = felt
        self._cluster = cluster
        self._runtime = runtime
        self._machines = machines
        self._application = application
        self._accelerators = Accelerators(cluster)

    def begin(self, name: str, disturbance: Disturbance) -> None:
        """Let it happen; nothing where it has begun already. Raises `ConflictError` where another one has the name,
        `NotPossibleError` where nobody would feel it."""
        if name not in self._book:
            self._check(disturbance)
        if not self._book.add(name, disturbance, self._bound(disturbance)):
            return
        match disturbance:
            case Release():
                self._runtime.publish(disturbance.image, disturbance.version)
            case ContainerKill():
                self._end_all(disturbance, KILLED)
            case AcceleratorFailed():
                self._end_all(disturbance, _DEVICE_LOST)
            case PowerOff():
                self._end_all(disturbance, _POWER_LOST)
        self._set_machines()

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
            name: Standing(disturbance=entry.disturbance, in_effect=self._in_effect(entry))
            for name, entry in self._book.entries().items()
        }

    def _check(self, disturbance: Disturbance) -> None:
        """Raises `NotPossibleError` where nobody would feel it."""
        match disturbance:
            case Release():
                known = disturbance.image in {program.image for program in self._application.programs.values()}
                if not known:
                    raise NotPossibleError(f"{disturbance.kind}: no registry holds an image {disturbance.image}")
            case LoadIncrease():
                self._check_load(disturbance)
            case _:
                if not self._in_effect(Entry(disturbance, self._book.now(), self._bound(disturbance))):
                    raise NotPossibleError(f"{disturbance.kind}: nothing that is chosen would feel it")

    def _check_load(self, increase: LoadIncrease) -> None:
        unknown = set(increase.operations) - {operation.name for operation in self._application.operations}
        if unknown:
            raise NotPossibleError(f"{increase.kind}: users have no operation {min(unknown)}")
        if increase.tenant and increase.tenant not in {tenant.name for tenant in self._application.tenants}:
            raise NotPossibleError(f"{increase.kind}: there is no tenant {increase.tenant}")

    def _in_effect(self, entry: Entry) -> bool:
        """Whether anybody feels it."""
        disturbance = entry.disturbance
        if isinstance(disturbance, ApiServerOverload) or disturbance.kind.startswith("load."):
            return True
        if isinstance(disturbance, NetworkDisturbance | DnsFailure | DnsAnswer):
            return any(chosen_pod(disturbance.pods, pod) for pod in self._cluster.objects("Pod"))
        if isinstance(disturbance, OnNodes) and disturbance.kind.startswith("node."):
            return bool(nodes_of(disturbance.nodes, self._cluster))
        if isinstance(disturbance, AcceleratorFailed):
            return bool(self._accelerators.on(nodes_of(disturbance.nodes, self._cluster)))
        processes = self._runtime.running()
        if isinstance(disturbance, ContainerKill) or _crashes(disturbance):
            return any(concerns(entry, process, self._cluster) for process in processes)
        return self._felt.feels(entry, processes)

    def _bound(self, disturbance: Disturbance) -> frozenset[str] | None:
        """The containers whose processes a state comes over that ends with them."""
        if not isinstance(disturbance, Misbehaviour) or not disturbance.until_restart:
            return None
        return frozenset(process.container.id for process in self._concerned(disturbance))

    def _concerned(self, disturbance: Disturbance) -> list[Process]:
        entry = Entry(disturbance, self._book.now())
        return [process for process in self._runtime.running() if concerns(entry, process, self._cluster)]

    def _end_all(self, disturbance: Disturbance, exit_code: int) -> None:
        for process in self._concerned(disturbance):
            if not isinstance(disturbance, AcceleratorFailed) or self._accelerators.used_by(process):
                self._runtime.end(process, exit_code)

    def _set_machines(self) -> None:
        """Stop and start the machines, and offer the accelerators, that should be so now."""
        stopped = {
            name
            for off in (*self._book.of(PowerOff), *self._book.of(KubeletStopped))
            for name in nodes_of(off.nodes, self._cluster)
        }
        for node in self._cluster.objects("Node"):
            name = node["metadata"]["name"]
            if name in stopped and self._machines.is_up(name):
                self._machines.stop(name)
            elif name not in stopped and not self._machines.is_up(name):
                self._machines.start(name)
        failed = [name for each in self._book.of(AcceleratorFailed) for name in nodes_of(each.nodes, self._cluster)]
        self._accelerators.offer_without(failed)


def _crashes(disturbance: Disturbance) -> bool:
    return isinstance(disturbance, Misbehaviour) and any(each.kind == "crash" for each in disturbance.behaviours)
