"""Which calls users wait for."""

from __future__ import annotations

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.reach import answering, waited_for, waiting
from aiops.lab.kube import ObjectStore
from tests.faults.conftest import deployment, endpoints, made, service


@pytest.fixture
async def target(kube: KubernetesClient) -> DirectTarget:
    """Users come to web, which calls cart, itself and a cache; a worker that nobody waits for calls a store."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    rules = [{"host": "shop.example.com", "http": {"paths": paths}}]
    await kube.create(made("Ingress", "web", "networking.k8s.io/v1", spec={"rules": rules}))
    for name, port, kind in (("cache", 11211, "memcached"), ("store", 5432, "postgresql")):
        item = service(name, port)
        item["spec"]["ports"][0]["name"] = kind
        await kube.create(item)
        await kube.create(endpoints(name))
    return DirectTarget(kube)


async def test_only_what_is_on_the_way_of_users_is_waited_for(target: DirectTarget) -> None:
    calls = [str(call) for call in await waited_for(target, "shop")]
    assert calls == [
        "Deployment/shop/cart -> Service/shop/web",
        "Deployment/shop/web -> Service/shop/cart",
        "Deployment/shop/web -> Service/shop/web",
    ]
    assert [entity.name for entity in await answering(target, "shop")] == ["cart", "web"]
    assert [entity.name for entity in await waiting(target, "shop")] == ["cart", "web"]


async def test_without_an_ingress_nobody_waits(kube: KubernetesClient) -> None:
    assert await waited_for(DirectTarget(kube), "shop") == []


async def test_users_wait_for_stores_and_not_for_caches(target: DirectTarget, store: ObjectStore) -> None:
    item = deployment("web-2", [{"name": "CACHE", "value": "cache:11211"}, {"name": "STORE", "value": "store:5432"}])
    labels = {"app": "web", "version": "2"}
    item["spec"]["template"]["metadata"]["labels"] = item["spec"]["selector"]["matchLabels"] = labels
    store.create(item, manager="helm")
    status = {**store.get("Deployment", "shop", "web-2"), "status": item["status"]}
    store.update(status, manager="controller", subresource="status")
    waited = [call for call in await waited_for(target, "shop") if call.source.name == "web-2"]
    assert [call.target.name for call in waited] == ["store"]
