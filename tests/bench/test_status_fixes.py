"""The obvious fixes do what they say, on an API server."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.bench.agents import status_fixes as fixes
from aiops.bench.decoys.registry import DECOYS
from aiops.bench.scenario import Scenario
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.fields import read

WEB = Entity(kind="Deployment", namespace="shop", name="web")
SERVICE = Entity(kind="Service", namespace="shop", name="web")
CONTAINER = "spec.template.spec.containers[web]"


async def test_the_memory_limit_doubles(kube: KubernetesClient) -> None:
    await fixes.raise_memory_limit(kube, await kube.get(WEB))
    now = await kube.get(WEB)
    assert read(now, f"{CONTAINER}.resources.limits.memory") == "400Mi"
    assert read(now, f"{CONTAINER}.resources.requests.memory") == "150Mi"


async def test_pods_run_on_every_node_again(kube: KubernetesClient) -> None:
    selector = {"spec": {"template": {"spec": {"nodeSelector": {"disktype": "nvme"}}}}}
    await kube.patch(WEB, selector, "merge")
    await fixes.drop_node_selector(kube, await kube.get(WEB))
    assert not read(await kube.get(WEB), "spec.template.spec.nodeSelector")


async def test_replicas_are_set(kube: KubernetesClient) -> None:
    await fixes.scale(kube, await kube.get(WEB), 4)
    assert (await kube.get(WEB))["spec"]["replicas"] == 4


async def test_a_service_selects_what_its_deployment_selects(kube: KubernetesClient) -> None:
    await kube.patch(SERVICE, {"spec": {"selector": {"app": "web-v2", "track": "stable"}}}, "merge")
    await fixes.select(kube, await kube.get(SERVICE), await kube.get(WEB))
    assert (await kube.get(SERVICE))["spec"]["selector"] == {"app": "web"}


async def test_only_the_first_port_is_sent_elsewhere(kube: KubernetesClient) -> None:
    more = [{"name": "http", "port": 80, "targetPort": 9999}, {"name": "admin", "port": 81, "targetPort": 81}]
    await kube.patch(SERVICE, {"spec": {"ports": more}}, "merge")
    await fixes.send_to(kube, await kube.get(SERVICE), 8080)
    assert [port["targetPort"] for port in (await kube.get(SERVICE))["spec"]["ports"]] == [8080, 81]


async def test_a_rollback_takes_the_whole_template(kube: KubernetesClient) -> None:
    before = (await kube.get(WEB))["spec"]["template"]
    container = {"name": "web", "image": "registry.example.com/web:2", "env": [{"name": "NEW", "value": "1"}]}
    await kube.patch(WEB, {"spec": {"template": {"spec": {"containers": [container]}}}}, "strategic")
    await fixes.roll_back(kube, await kube.get(WEB), before)
    assert (await kube.get(WEB))["spec"]["template"] == before


def desired_of(items: list[Manifest]) -> dict[str, Any]:
    return {item["metadata"]["name"]: (item.get("spec"), item.get("data"), item["metadata"]) for item in items}


@pytest.mark.parametrize("name", DECOYS.names())
async def test_a_decoy_changes_one_object_and_none_that_is_avoided(name: str, kube: KubernetesClient) -> None:
    rng = Scenario(kind="fault", case="x", application="shop", seed=1, calm=0.0).rng(name)
    kinds = ("Deployment", "Service", "ConfigMap")
    before = {kind: desired_of(await kube.list(kind, "shop")) for kind in kinds}
    avoided = frozenset({"cart", "idle", "manual"})
    try:
        changed = await DECOYS.get(name).function(kube, "shop", rng, avoided)
    except NotPossibleError:
        pytest.skip("nothing here can be changed in this way")
    after = {kind: desired_of(await kube.list(kind, "shop")) for kind in kinds}
    found = {
        (kind, item)
        for kind in kinds
        for item in before[kind].keys() | after[kind].keys()
        if before[kind].get(item) != after[kind].get(item)
    }
    assert found == {(changed.kind, changed.name)}
    assert changed.name not in avoided
