"""A cluster with its control plane over processes that always run well: what a large one costs is the lab's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control import ControlPlane
from aiops.lab.kube import ObjectStore, bootstrap
from aiops.lab.kube.objects import condition_is
from aiops.lab.ports import TICK, ContainerStart, ContainerUse, ExecResult, ImageFacts, Listener, ProcessStatus

START = 1_780_000_000.0
MOST_TICKS = 120


_EPOCHS = count()
"""What is probed may change at any time."""


class SteadyProcesses:
    """A container runtime in which everything starts, runs and answers its probes."""

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None:
        return None

    def facts(self, image: str) -> ImageFacts:
        return ImageFacts()

    def start(self, container: ContainerStart) -> str | None:
        return None

    def terminate(self, container_id: str, delay: float, grace: float) -> None:
        pass

    def stop(self, container_id: str) -> None:
        pass

    def status(self, container_id: str) -> ProcessStatus:
        return ProcessStatus(running=True)

    def ended(self) -> list[str]:
        return []

    def resize(self, container_id: str, memory_limit: float | None, cpu_limit: float | None) -> None:
        pass

    def rewrite(self, container_id: str, files: Mapping[str, str]) -> None:
        pass

    def probe_epoch(self) -> int:
        return next(_EPOCHS)

    def probe(self, container_id: str, probe: Manifest) -> str | None:
        return None

    def execute(self, container_id: str, command: Sequence[str]) -> ExecResult:
        return ExecResult()

    def dial(self, namespace: str, pod: str, port: int) -> Listener | None:
        return None

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        return []

    def use(self, container_id: str) -> ContainerUse | None:
        return None

    def node_use(self) -> Mapping[str, ContainerUse]:
        return {}


class RunningCluster:
    """Objects, control plane and time."""

    def __init__(self) -> None:
        self.now = START
        self.store = ObjectStore(now=self.clock, rng=Random("scale"))
        bootstrap(self.store)
        self.control = ControlPlane(self.store, SteadyProcesses(), Random("control"), self.clock)

    def clock(self) -> float:
        return self.now

    def namespace(self, name: str) -> None:
        self.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager="m")

    def deploy(self, name: str, namespace: str, replicas: int) -> None:
        """A Deployment and its Service; each pod has a readiness probe."""
        labels = {"app": name}
        container: dict[str, Any] = {"name": "app", "image": "app:1", "ports": [{"containerPort": 80}]}
        container["resources"] = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
        container["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 80}}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
        metadata = {"name": name, "namespace": namespace}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
        self.store.create(deployment, manager="m")
        ports = {"selector": labels, "ports": [{"port": 80}]}
        self.store.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": ports}, manager="m")

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds / TICK)):
            self.control.step()
            self.now += TICK

    def settle(self, ready: int) -> float:
        """Run until so many pods are ready; the simulated seconds that it took. Raises TimeoutError."""
        start = self.now
        for _ in range(MOST_TICKS):
            self.run(TICK)
            if sum(condition_is(pod, "Ready") for pod in self.store.objects("Pod")) >= ready:
                return self.now - start
        raise TimeoutError(f"{ready} pods were not ready after {self.now - start:.0f} simulated seconds")
