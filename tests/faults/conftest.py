"""An API server with a few objects, without controllers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Manifest
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app
from tests.support.worlds import copy_of


def made(kind: str, name: str, api: str = "v1", **parts: Any) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **parts}


def deployment(name: str, env: list[Manifest], *, available: int = 1, **container: Any) -> Manifest:
    labels = {"app": name}
    containers = [{"name": name, "image": f"registry.example.com/{name}:1.2.0", "env": env, **container}]
    return made(
        "Deployment",
        name,
        "apps/v1",
        spec={
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        status={"replicas": available, "readyReplicas": available, "availableReplicas": available},
    )


def service(name: str, port: int, **spec: Any) -> Manifest:
    ports = [{"name": "http", "port": port, "targetPort": port}]
    return made("Service", name, spec={"selector": {"app": name}, "ports": ports, **spec})


def endpoints(name: str, *, ready: bool = True) -> Manifest:
    parts = made("EndpointSlice", f"{name}-x1", "discovery.k8s.io/v1")
    parts["metadata"]["labels"] = {"kubernetes.io/service-name": name}
    address = {"addresses": ["10.0.0.7"], "conditions": {"ready": ready}}
    return {**parts, "addressType": "IPv4", "endpoints": [address], "ports": [{"name": "http", "port": 80}]}


OBJECTS = [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
    made("ConfigMap", "web-config", data={"cart": "http://cart.shop.svc.cluster.local:8080/v1", "log": "info"}),
    service("web", 80),
    service("cart", 8080),
    service("idle", 8081),
    service("manual", 8082, selector=None),
    endpoints("web"),
    endpoints("cart"),
    endpoints("idle", ready=False),
    endpoints("manual"),
    deployment(
        "web",
        [
            {"name": "CART", "valueFrom": {"configMapKeyRef": {"name": "web-config", "key": "cart"}}},
            {"name": "SELF", "value": "web:80"},
            {"name": "TIME", "value": "10:30:00"},
        ],
        resources={"limits": {"memory": "200Mi"}, "requests": {"memory": "150Mi"}},
    ),
    deployment("cart", [{"name": "BANK", "value": "bank.example.com:443"}, {"name": "WEB", "value": "web:80"}]),
    deployment("asleep", [{"name": "CART", "value": "cart:8080"}], available=0),
]


def present() -> float:
    return 1_780_000_000.0


def new_store() -> ObjectStore:
    store = ObjectStore(now=present, rng=Random(1))
    bootstrap(store)
    for manifest in OBJECTS:
        store.create(manifest, manager="helm")
        if "status" in manifest:
            stored = store.get(manifest["kind"], "shop", manifest["metadata"]["name"])
            store.update({**stored, "status": manifest["status"]}, manager="controller", subresource="status")
    return store


@pytest.fixture
def store() -> ObjectStore:
    return copy_of(new_store)


@pytest.fixture
async def kube(store: ObjectStore) -> AsyncIterator[KubernetesClient]:
    app = kubernetes_app(store, tokens={"token": User("jane.doe", (MASTERS,))}, logs=lambda *_: [])
    client = KubernetesClient.at(
        "http://cluster", token="token", field_manager="kubectl-edit", transport=httpx2.ASGITransport(app=app)
    )
    yield client
    await client.close()
