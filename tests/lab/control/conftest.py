"""A cluster with a control plane over processes that do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.control import ControlPlane
from aiops.lab.kube import ObjectStore, bootstrap
from aiops.lab.kube.discovery.tables.pods import pod_status
from aiops.lab.kube.objects import clone
from aiops.lab.ports import TICK, ContainerStart, ContainerUse, ExecResult, ImageFacts, Listener, ProcessStatus
from tests.support.worlds import copy_of

START = 1_780_000_000.0
RUNNING = ProcessStatus(running=True)


_EPOCHS = count()
"""What is probed may change at any time."""


@dataclass
class Processes:
    """A container runtime. `missing` images cannot be pulled; `exits` says how an image's processes have ended;
    `sick` images fail their probes, `broken` ones cannot be started; `stubborn` processes have to be killed.

    `uses` is what a container of each image uses, `nodes` what each node does."""

    missing: dict[str, str] = field(default_factory=dict)
    exits: dict[str, ProcessStatus] = field(default_factory=dict)
    sick: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    started: dict[str, ContainerStart] = field(default_factory=dict)
    running: dict[str, ContainerStart] = field(default_factory=dict)
    probed: list[tuple[str, Manifest]] = field(default_factory=list)
    executed: list[tuple[str, ...]] = field(default_factory=list)
    logins: list[Mapping[str, tuple[str, str]]] = field(default_factory=list)
    files: dict[str, Mapping[str, str]] = field(default_factory=dict)
    sizes: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    uses: dict[str, ContainerUse] = field(default_factory=dict)
    nodes: dict[str, ContainerUse] = field(default_factory=dict)
    stubborn: bool = False
    now: Callable[[], float] = lambda: START
    _stopping: dict[str, float] = field(default_factory=dict)

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None:
        self.logins.append(logins)
        return self.missing.get(image)

    def facts(self, image: str) -> ImageFacts:
        return ImageFacts(1000, self.users.get(image, "0"))

    def start(self, container: ContainerStart) -> str | None:
        assert container.id not in self.started
        if container.image in self.broken:
            return self.broken[container.image]
        self.started[container.id] = self.running[container.id] = container
        return None

    def terminate(self, container_id: str, delay: float, grace: float) -> None:
        moment = self.now() + delay + (grace if self.stubborn else min(grace, 2.0))
        self._stopping[container_id] = min(self._stopping.get(container_id, moment), moment)

    def stop(self, container_id: str) -> None:
        self.running.pop(container_id, None)
        self._stopping.pop(container_id, None)

    def status(self, container_id: str) -> ProcessStatus:
        until = self._stopping.get(container_id)
        if until is not None and until <= self.now():
            return ProcessStatus(False, 137 if self.stubborn else 143, "Error", until)
        return self.exits.get(self.running[container_id].image, RUNNING)

    def ended(self) -> list[str]:
        return [container_id for container_id in self.running if not self.status(container_id).running]

    def resize(self, container_id: str, memory_limit: float | None, cpu_limit: float | None) -> None:
        self.sizes[container_id] = (memory_limit, cpu_limit)

    def rewrite(self, container_id: str, files: Mapping[str, str]) -> None:
        self.files[container_id] = files

    def probe_epoch(self) -> int:
        return next(_EPOCHS)

    def probe(self, container_id: str, probe: Manifest) -> str | None:
        self.probed.append((container_id, probe))
        return self.sick.get(self.running[container_id].image)

    def execute(self, container_id: str, command: Sequence[str]) -> ExecResult:
        self.executed.append(tuple(command))
        return ExecResult(1 if command and command[0] == "false" else 0, seconds=3.0)

    def use(self, container_id: str) -> ContainerUse | None:
        container = self.running.get(container_id)
        return self.uses.get(container.image) if container else None

    def node_use(self) -> Mapping[str, ContainerUse]:
        return self.nodes

    def dial(self, namespace: str, pod: str, port: int) -> Listener | None: ...

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        container = self.started.get(container_id)
        lines = [(container.started_at + i, f"{container.name} line {i}") for i in range(5)] if container else []
        lines = [line for line in lines if since is None or line[0] >= since]
        return lines if tail is None else lines[-tail:] if tail else []


class Lab:
    """A store with a control plane and three nodes, and the time."""

    def __init__(self, seed: int = 1, nodes: int = 3) -> None:
        self.now = START
        self.store = ObjectStore(now=self.clock, rng=Random(seed))
        bootstrap(self.store)
        self.processes = Processes(now=self.clock)
        self.control = ControlPlane(self.store, self.processes, Random(seed + 1), self.clock)
        for index in range(nodes):
            self.create("v1", "Node", f"node-{index}")

    def clock(self) -> float:
        """The present moment, in unix seconds."""
        return self.now

    def create(self, version: str, kind: str, name: str, **body: Any) -> Manifest:
        return self.store.create(
            {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}, manager="test"
        )

    def deploy(self, name: str = "web", replicas: int = 2, **pod: Any) -> Manifest:
        """A Deployment of one container; `pod` overrides the pod's spec, `container` and `spec` their parts."""
        spec_parts = pod.pop("spec", {})
        container = {"name": "app", "image": "app:1", **pod.pop("container", {})}
        labels = {"app": name[:63]}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod}}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **spec_parts}
        return self.create("apps/v1", "Deployment", name, spec=spec)

    def edit(self, kind: str, name: str, change: Callable[[Manifest], None], namespace: str = "default") -> Manifest:
        changed = clone(self.store.get(kind, namespace, name))
        change(changed)
        return self.store.update(changed, manager="test")

    def set_image(self, name: str, image: str) -> None:
        def change(deployment: Manifest) -> None:
            deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image

        self.edit("Deployment", name, change)

    def scale(self, name: str, replicas: int) -> None:
        self.edit("Deployment", name, lambda deployment: deployment["spec"].update(replicas=replicas))

    def ticks(self, count: int = 1) -> None:
        for _ in range(count):
            self.control.step()
            self.now += TICK

    def settle(self, most: int = 60) -> int:
        """Step until three steps in a row write nothing; the number of steps that it took."""
        quiet = 0
        for step in range(most):
            before = self.store.revision
            self.ticks()
            quiet = quiet + 1 if self.store.revision == before else 0
            if quiet == 3:
                return step - 2
        raise AssertionError("does not settle")

    def pods(self, app: str = "") -> list[Manifest]:
        found = self.store.objects("Pod", "default")
        return [pod for pod in found if not app or (pod["metadata"].get("labels") or {}).get("app") == app]

    def words(self, app: str = "") -> list[str]:
        return [pod_status(pod) for pod in self.pods(app)]

    def status(self, kind: str, name: str) -> dict[str, Any]:
        return dict(self.store.get(kind, "default", name)["status"])

    def conditions(self, kind: str, name: str, namespace: str = "default") -> dict[str, tuple[str, str]]:
        entries = self.store.get(kind, namespace, name)["status"]["conditions"]
        return {entry["type"]: (entry["status"], entry.get("reason", "")) for entry in entries}

    def events(self, about: str = "") -> list[tuple[str, str, int]]:
        """(reason, message, count) of the Events about objects whose name starts with `about`, in time order."""
        found = [e for e in self.store.objects("Event") if e["involvedObject"]["name"].startswith(about)]
        found.sort(key=lambda event: int(event["metadata"]["resourceVersion"]))
        return [(event["reason"], event["message"], _count(event)) for event in found]


def _count(event: Manifest) -> int:
    """How often an Event was seen: the scheduler's count in a series."""
    return int(event.get("count") or (event.get("series") or {}).get("count", 1))


def new_lab(seed: int = 1, nodes: int = 3) -> Lab:
    return copy_of(Lab, seed, nodes)


@pytest.fixture
def lab() -> Lab:
    return new_lab()


@pytest.fixture
def make_lab() -> Callable[..., Lab]:
    """(seed, nodes) -> a lab of one's own."""
    return new_lab
