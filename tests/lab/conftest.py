"""A cluster without a control plane, for tests of the data plane: pods stay where they are put, endpoints follow."""

from __future__ import annotations

import base64
import copy
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.apps import Application, load_application
from aiops.lab.exporters import Exporters
from aiops.lab.kube.storage.history import History, Write
from aiops.lab.ports import TICK, ContainerStart
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore

START = 1_780_000_000.0


def _with_token(container: Manifest) -> Manifest:
    """The container with the mount that admission gives it."""
    mount = {"name": "kube-api-access", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    return {**container, "volumeMounts": [*container.get("volumeMounts", ()), mount]}


class PlainCluster:
    """Implements `ClusterView`; owns the time. Containers that end start again at the next tick."""

    def __init__(self, application: Application, seed: int = 1) -> None:
        self.application = application
        self.now = START
        self.revision = 0
        self.history = History()
        self._changes: Counter[str] = Counter()
        self._sliced = -1
        self._objects: dict[tuple[str, str, str], Manifest] = {}
        self._restarts: dict[tuple[str, str], int] = {}
        self._containers: dict[tuple[str, str], str] = {}
        for number, manifest in enumerate(application.manifests(now=START, seed=seed)):
            if manifest["kind"] == "Service":
                manifest["spec"].setdefault("clusterIP", f"10.96.1.{number}")
            self.put(manifest)
        self.traffic = Traffic(application, self, seed=seed, now=lambda: self.now)
        self.store = TimeSeriesStore()
        self.exporters = Exporters(self.traffic, self, self.store, seed)
        for workload in [*self.objects("Deployment"), *self.objects("StatefulSet")]:
            self._replicas(workload)

    def objects(self, kind: str, namespace: str = "") -> Iterable[Manifest]:
        return [self._objects[k] for k in sorted(self._objects) if k[0] == kind and namespace in ("", k[1])]

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return self._objects.get((kind, namespace, name))

    def changes(self, kind: str) -> int:
        return self._changes[kind]

    def put(self, manifest: Manifest) -> None:
        self.revision += 1
        self._changes[manifest["kind"]] += 1
        meta = manifest["metadata"]
        stored = copy.deepcopy(manifest)
        stored["metadata"] |= {"resourceVersion": str(self.revision), "uid": f"uid-{meta['name']}"}
        stored["metadata"].setdefault("creationTimestamp", "2026-05-01T00:00:00Z")
        key = (manifest["kind"], meta.get("namespace", ""), meta["name"])
        old, self._objects[key] = self._objects.get(key), stored
        self.history.append(Write(self.revision, "MODIFIED" if old else "ADDED", manifest["kind"], stored, old))

    def edit(self, kind: str, name: str, change: Callable[[Manifest], None], namespace: str = "hotel") -> None:
        manifest = copy.deepcopy(self._objects[kind, namespace, name])
        change(manifest)
        self.put(manifest)

    def forget(self, kind: str, name: str, namespace: str = "hotel") -> None:
        """Delete an object."""
        self.revision += 1
        self._changes[kind] += 1
        gone = self._objects.pop((kind, namespace, name))
        self.history.append(Write(self.revision, "DELETED", kind, gone, gone))

    def run(self, seconds: float) -> None:
        """Let the time pass, scraping as often as Prometheus would."""
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self._kubelet()
            self.traffic.step(self.now, TICK)
            self.exporters.scrape(self.now)

    def restart(self, pod: str, namespace: str = "hotel", **changes: Any) -> None:
        """Start a pod's container again with changed parts of `ContainerStart`, environment variables or limits."""
        manifest = self._objects["Pod", namespace, pod]
        self.traffic.runtime.stop(self._containers[namespace, pod])
        self._start(manifest, changes)

    def halt(self, pod: str, namespace: str = "hotel") -> None:
        """End a pod's container and don't start it again."""
        self.traffic.runtime.stop(self._containers.pop((namespace, pod)))

    def container(self, pod: str, namespace: str = "hotel") -> str:
        return self._containers[namespace, pod]

    def restarts(self, pod: str, namespace: str = "hotel") -> int:
        return self._restarts[namespace, pod]

    def _replicas(self, workload: Manifest) -> None:
        meta, spec = workload["metadata"], workload["spec"]
        counts = {f"{state}Replicas": spec["replicas"] for state in ("ready", "available", "updated")}
        self.put({**workload, "status": {"replicas": spec["replicas"], **counts}})
        for index in range(spec["replicas"]):
            number = len(self._containers)
            pod = {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": f"{meta['name']}-{index}",
                    "namespace": meta["namespace"],
                    "labels": spec["template"]["metadata"]["labels"],
                },
                "spec": {
                    **spec["template"]["spec"],
                    "containers": [_with_token(container) for container in spec["template"]["spec"]["containers"]],
                    "nodeName": self.application.nodes[number % 3].name,
                },
                "status": {
                    "phase": "Running",
                    "podIP": f"10.244.{number // 200}.{1 + number % 200}",
                    "hostIP": "10.0.0.11",
                },
            }
            self.put(pod)
            self._start(pod, {})

    def _start(self, pod: Manifest, changes: dict[str, Any]) -> None:
        meta, container = pod["metadata"], pod["spec"]["containers"][0]
        key = (meta["namespace"], meta["name"])
        self._restarts[key] = self._restarts.get(key, -1) + 1
        limits = container["resources"]["limits"]
        values = {
            "image": container["image"],
            "env": self._env(meta["namespace"], container) | changes.pop("env", {}),
            "memory_limit": parse_quantity(limits["memory"]),
            "cpu_limit": parse_quantity(limits["cpu"]),
        }
        name = f"{meta['name']}#{self._restarts[key]}"
        start = ContainerStart(id=name, pod=pod, name=container["name"], started_at=self.now, **{**values, **changes})
        self._containers[key] = name
        self.traffic.runtime.start(start)

    def _env(self, namespace: str, container: Manifest) -> dict[str, str]:
        found = {}
        for entry in container.get("env", []):
            source = entry.get("valueFrom", {})
            if "configMapKeyRef" in source:
                reference = source["configMapKeyRef"]
                found[entry["name"]] = self._objects["ConfigMap", namespace, reference["name"]]["data"][
                    reference["key"]
                ]
            elif "secretKeyRef" in source:
                reference = source["secretKeyRef"]
                data = self._objects["Secret", namespace, reference["name"]]["data"]
                found[entry["name"]] = base64.b64decode(data[reference["key"]]).decode()
            else:
                found[entry["name"]] = entry["value"]
        return found

    def _kubelet(self) -> None:
        for (namespace, name), container in list(self._containers.items()):
            pod = self._objects["Pod", namespace, name]
            if not self.traffic.runtime.status(container).running:
                self.restart(name, namespace)
            probe = pod["spec"]["containers"][0]["readinessProbe"]
            message = self.traffic.runtime.probe(self._containers[namespace, name], probe)
            self._ready(pod, message is None)
        if self._sliced != self.revision:
            for service in self.objects("Service"):
                self._slice(service)
            self._sliced = self.revision

    def _ready(self, pod: Manifest, ready: bool) -> None:
        value = "True" if ready else "False"
        conditions = pod["status"].get("conditions") or [{}]
        if conditions[0].get("status") != value:
            status = {**pod["status"], "conditions": [{"type": "Ready", "status": value}]}
            self.put({**pod, "status": status})

    def _slice(self, service: Manifest) -> None:
        meta, spec = service["metadata"], service["spec"]
        pods = [
            pod
            for pod in self.objects("Pod", meta["namespace"])
            if spec["selector"].items() <= pod["metadata"]["labels"].items()
        ]
        ports = []
        for port in spec["ports"]:
            names = {p["name"]: p["containerPort"] for pod in pods for p in pod["spec"]["containers"][0]["ports"]}
            number = names.get(port["targetPort"], port["targetPort"])
            ports.append({"name": port["name"], "port": number, "protocol": port["protocol"]})
        made = {
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{meta['name']}-x",
                "namespace": meta["namespace"],
                "labels": {"kubernetes.io/service-name": meta["name"]},
            },
            "ports": ports,
            "endpoints": [
                {
                    "addresses": [pod["status"]["podIP"]],
                    "conditions": {"ready": pod["status"].get("conditions", [{}])[0].get("status") == "True"},
                    "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": meta["namespace"]},
                }
                for pod in pods
            ],
        }
        old = self.find("EndpointSlice", meta["namespace"], f"{meta['name']}-x")
        if old is None or (old["ports"], old["endpoints"]) != (made["ports"], made["endpoints"]):
            self.put(made)


@pytest.fixture(scope="session")
def hotel() -> Application:
    return load_application("hotel")


@pytest.fixture
def plain_cluster(hotel: Application) -> PlainCluster:
    """The hotel application on a plain cluster, not yet run."""
    return PlainCluster(hotel)


@pytest.fixture(scope="session")
def make_cluster() -> Callable[..., PlainCluster]:
    """(application, seed) -> a plain cluster."""
    return PlainCluster
