"""Who feels a disturbance: nobody begins one that finds nothing, and one may outlive all that it acted on."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.disturbance import Disturbance
from aiops.core.disturbance.behaviour import Crash, FileLeak
from aiops.core.disturbance.load import LoadIncrease, SlowClients
from aiops.core.disturbance.machine import AcceleratorFailed, AcceleratorThrottled, NodeDiskSlow
from aiops.core.disturbance.process import ContainerKill, Misbehaviour, Release
from aiops.core.disturbance.scope import OnNodes, OnPods
from aiops.core.entity import Manifest
from aiops.lab.apps.images import split_reference
from aiops.lab.apps.model import Application
from aiops.lab.apps.reliance import reliance
from aiops.lab.disturbances.accelerators import has_accelerators
from aiops.lab.disturbances.book import DisturbanceBook, Entry, behaviours_of
from aiops.lab.disturbances.interference import Disturbed
from aiops.lab.disturbances.processes import chosen_pod, concerns, nodes_of
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.runtime.container_runtime import ContainerRuntime

_ALTERS_PROGRAMS = NodeDiskSlow | AcceleratorThrottled | SlowClients


class Audience:
    """The processes, pods and nodes of the cluster as disturbances see them."""

    def __init__(
        self,
        book: DisturbanceBook,
        felt: Disturbed,
        cluster: ClusterView,
        runtime: ContainerRuntime,
        application: Application,
    ) -> None:
        self._book = book
        self._felt = felt
        self._cluster = cluster
        self._runtime = runtime
        self._application = application

    def problem(self, disturbance: Disturbance) -> str:
        """Why nobody would feel it; empty where somebody would."""
        match disturbance:
            case Release():
                known = {program.image for program in self._application.programs.values()}
                return "" if disturbance.image in known else f"no registry holds an image {disturbance.image}"
            case LoadIncrease():
                return self._unknown_users(disturbance)
            case _:
                return "" if self._would_change_something(disturbance) else "nothing that is chosen would feel it"

    def in_effect(self, entry: Entry) -> bool:
        """Whether there is anything left that it acts on."""
        disturbance = entry.disturbance
        if not entry.awake:
            return False
        if entry.bound is not None:
            return any(process.container.id in entry.bound for process in self._runtime.running())
        match disturbance:
            case ContainerKill():
                return False
            case Release() if disturbance.settings:
                return bool(self.concerned(disturbance))
            case Release():
                reference = (disturbance.image, disturbance.version)
                return any(split_reference(image) == reference for image in self._images())
            case Misbehaviour() if disturbance.settings:
                return bool(self.concerned(disturbance))
            case OnPods():
                return any(chosen_pod(disturbance.pods, pod) for pod in self._pods())
            case OnNodes():
                return bool(nodes_of(disturbance.nodes, self._cluster))
        return True

    def bound(self, disturbance: Disturbance) -> frozenset[str] | None:
        """The containers whose processes a state comes over that ends with them."""
        if not isinstance(disturbance, Misbehaviour) or not disturbance.until_restart:
            return None
        return frozenset(process.container.id for process in self.concerned(disturbance))

    def concerned(self, disturbance: Disturbance) -> list[Process]:
        """The running processes that it is done to."""
        entry = Entry(disturbance, self._book.now())
        return [process for process in self._runtime.running() if concerns(entry, process, self._cluster)]

    def reliance(self) -> dict[str, float]:
        """What users' requests rely on, as long as everything calls what the application is made to call."""
        return reliance(self._application)

    def _would_change_something(self, disturbance: Disturbance) -> bool:
        entry = Entry(disturbance, self._book.now(), self.bound(disturbance))
        if isinstance(disturbance, ContainerKill) or _comes_later(disturbance):
            return bool(self.concerned(disturbance))
        if isinstance(disturbance, AcceleratorFailed):
            nodes = [self._cluster.find("Node", "", name) for name in nodes_of(disturbance.nodes, self._cluster)]
            return any(node is not None and has_accelerators(node) for node in nodes)
        if isinstance(disturbance, _ALTERS_PROGRAMS) or _is_inside(disturbance):
            return self._felt.feels(entry, self._runtime.running())
        return self.in_effect(entry)

    def _unknown_users(self, increase: LoadIncrease) -> str:
        unknown = set(increase.operations) - {operation.name for operation in self._application.operations}
        if unknown:
            return f"users have no operation {min(unknown)}"
        if increase.tenant and increase.tenant not in {tenant.name for tenant in self._application.tenants}:
            return f"there is no tenant {increase.tenant}"
        return ""

    def _pods(self) -> Iterator[Manifest]:
        """The pods that are not at their end."""
        for pod in self._cluster.objects("Pod"):
            if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
                yield pod

    def _images(self) -> Iterator[str]:
        for pod in self._pods():
            yield from (container["image"] for container in pod["spec"]["containers"])


def _is_inside(disturbance: Disturbance) -> bool:
    """Whether it is something in processes, not between them."""
    return isinstance(disturbance, OnPods) and not disturbance.kind.startswith(("network.", "dns."))


def _comes_later(disturbance: Disturbance) -> bool:
    """Whether it changes no program at its beginning, but will end processes or use them up."""
    return any(isinstance(each, Crash | FileLeak) for each in behaviours_of(disturbance))
