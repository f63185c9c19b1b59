"""Small raw objects for the checks: a shop of `web` and `cart`, each a Deployment with a Service and pods."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.analysis.state.registry import CHECKS, Finding
from aiops.core.clock import rfc3339

NOW = 1_800_000_000.0
Manifest = dict[str, Any]


class Shop:
    """Builds objects; `state()` freezes them, `find(check)` runs one check on them."""

    now = NOW

    def __init__(self) -> None:
        self.objects: list[Manifest] = [
            {"kind": "Namespace", "metadata": {"name": "shop"}},
            {"kind": "Node", "metadata": {"name": "n1", "labels": {"disk": "ssd"}}},
        ]
        self.calls: list[ObservedCall] = []
        for name, port, env in (("web", 8080, {"CART_ADDR": "cart:80"}), ("cart", 8081, {})):
            self.objects += self.application(name, port, env)

    def application(self, name: str, port: int, env: dict[str, str]) -> list[Manifest]:
        container = {
            "name": name,
            "image": f"registry/{name}:1",
            "ports": [{"name": "http", "containerPort": port}],
            "env": [{"name": k, "value": v} for k, v in env.items()],
            "resources": {"limits": {"memory": "128Mi", "cpu": "500m"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
        }
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
        meta = {"namespace": "shop", "name": name}
        deployment = {
            "kind": "Deployment",
            "metadata": meta,
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template},
            "status": {"availableReplicas": 1, "updatedReplicas": 1, "replicas": 1},
        }
        ports = [{"name": "http", "port": 80, "targetPort": "http"}]
        service = {"kind": "Service", "metadata": meta, "spec": {"selector": {"app": name}, "ports": ports}}
        return [deployment, self.replica_set(name, 1, template), service, self.pod(name, template)]

    def replica_set(self, name: str, revision: int, template: Manifest) -> Manifest:
        owner = {"kind": "Deployment", "name": name, "controller": True}
        meta = {
            "namespace": "shop",
            "name": f"{name}-{revision}",
            "ownerReferences": [owner],
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        }
        return {"kind": "ReplicaSet", "metadata": meta, "spec": {"template": copy.deepcopy(template)}}

    def pod(self, name: str, template: Manifest, suffix: str = "a", revision: int = 1) -> Manifest:
        owner = {"kind": "ReplicaSet", "name": f"{name}-{revision}", "controller": True}
        meta = {
            "namespace": "shop",
            "name": f"{name}-{revision}-{suffix}",
            "ownerReferences": [owner],
            "labels": dict(template["metadata"]["labels"]),
            "creationTimestamp": rfc3339(NOW - 600),
        }
        running = {"running": {"startedAt": rfc3339(NOW - 590)}}
        status = {
            "phase": "Running",
            "podIP": f"10.0.0.{len(self.objects)}",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": name, "ready": True, "restartCount": 0, "state": running}],
        }
        return {"kind": "Pod", "metadata": meta, "spec": copy.deepcopy(template["spec"]), "status": status}

    def get(self, kind: str, name: str) -> Manifest:
        return next(o for o in self.objects if o["kind"] == kind and o["metadata"]["name"] == name)

    def container(self, name: str) -> Manifest:
        found: Manifest = self.get("Deployment", name)["spec"]["template"]["spec"]["containers"][0]
        return found

    def status(self, name: str) -> Manifest:
        """The container status of the one pod of `name`."""
        found: Manifest = self.get("Pod", f"{name}-1-a")["status"]["containerStatuses"][0]
        return found

    def unready(self, name: str) -> None:
        self.get("Pod", f"{name}-1-a")["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
        self.status(name)["ready"] = False

    def policy(self, name: str, spec: Manifest) -> Manifest:
        meta = {"namespace": "shop", "name": name, "creationTimestamp": rfc3339(NOW - 100)}
        return {"kind": "NetworkPolicy", "metadata": meta, "spec": spec}

    def state(self) -> ClusterState:
        return ClusterState(copy.deepcopy(self.objects), NOW, self.calls)

    def find(self, check: str) -> list[Finding]:
        return list(CHECKS.get(check).run(self.state()))


@pytest.fixture
def shop() -> Shop:
    return Shop()
