"""A cluster without an application, whose containers are those of the traffic model."""

from __future__ import annotations

from random import Random
from typing import Any

from aiops.lab.control import ControlPlane
from aiops.lab.kube import ObjectStore, bootstrap
from aiops.lab.logs.phrases import Phrases
from aiops.lab.ports import TICK
from aiops.lab.traffic.runtime.container_runtime import ContainerRuntime

START = 1_780_000_000.0


class PodBench:
    """One node, and the pod `one` in the namespace `default`."""

    def __init__(self) -> None:
        self.now = START
        self.store = ObjectStore(now=lambda: self.now, rng=Random(1))
        bootstrap(self.store)
        self.runtime = ContainerRuntime({}, self.store, lambda: self.now, Phrases())
        self.control = ControlPlane(self.store, self.runtime, Random(2), lambda: self.now)
        self.store.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}, manager="test")
        self.ticks(3)

    def ticks(self, count: int) -> None:
        for _ in range(count):
            self.now += TICK
            self.control.step()

    def run(self, *command: str, image: str = "busybox:1.36", restart: str = "Never", **container: Any) -> None:
        made = {"name": "app", "image": image, **({"command": list(command)} if command else {}), **container}
        spec = {"restartPolicy": restart, "containers": [made], "terminationGracePeriodSeconds": 10}
        metadata = {"name": "one", "namespace": "default"}
        self.store.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, manager="test")
        self.ticks(3)

    @property
    def status(self) -> dict[str, Any]:
        return dict(self.store.get("Pod", "default", "one")["status"])

    @property
    def container(self) -> dict[str, Any]:
        return dict(self.status["containerStatuses"][0])

    @property
    def log(self) -> list[str]:
        entry = self.container["containerID"].partition("://")[2]
        return [line for _, line in self.runtime.logs(entry, None, None)]
