"""Chaos Mesh's objects: what each disturbance becomes, and a cluster that knows the kinds and does nothing of it."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.disturbance import disturbance_of
from aiops.core.entity import Entity
from aiops.core.errors import ConflictError, NotSupportedError
from aiops.faults.planes.chaos_mesh import ChaosMesh, needed_rules
from aiops.faults.planes.chaos_objects import API_VERSION, GROUP, KINDS, chaos_object

WEB = {"namespace": "shop", "labels": {"app": "web"}}
SELECTED = {"mode": "all", "selector": {"namespaces": ["shop"], "labelSelectors": {"app": "web"}}}
CART = {"namespace": "shop", "names": ["cart-1"], "nodes": ["node-1"]}

CARRIED: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    (
        {"kind": "network.delay", "pods": WEB, "peers": CART, "seconds": 0.09, "jitter_seconds": 0.01},
        "NetworkChaos",
        {
            "action": "delay",
            "direction": "both",
            "delay": {"latency": "90ms", "jitter": "10ms"},
            "target": {
                "mode": "all",
                "selector": {"namespaces": ["shop"], "pods": {"shop": ["cart-1"]}, "nodes": ["node-1"]},
            },
        },
    ),
    (
        {"kind": "network.loss", "pods": WEB, "percent": 2.5},
        "NetworkChaos",
        {"action": "loss", "direction": "to", "loss": {"loss": "2.5"}},
    ),
    (
        {"kind": "network.corruption", "pods": WEB, "percent": 20},
        "NetworkChaos",
        {"action": "corrupt", "direction": "to", "corrupt": {"corrupt": "20"}},
    ),
    (
        {"kind": "network.duplication", "pods": WEB, "percent": 20},
        "NetworkChaos",
        {"action": "duplicate", "direction": "to", "duplicate": {"duplicate": "20"}},
    ),
    (
        {"kind": "network.bandwidth", "pods": WEB, "bytes_per_second": 125_000},
        "NetworkChaos",
        {
            "action": "bandwidth",
            "direction": "to",
            "bandwidth": {"rate": "125000bps", "limit": 20_971_520, "buffer": 10_000},
        },
    ),
    (
        {"kind": "network.partition", "pods": WEB, "direction": "from"},
        "NetworkChaos",
        {"action": "partition", "direction": "from"},
    ),
    (
        {"kind": "stress.cpu", "pods": WEB, "cores": 1.5},
        "StressChaos",
        {"stressors": {"cpu": {"workers": 2, "load": 75}}},
    ),
    (
        {"kind": "stress.memory", "pods": WEB, "bytes": 64 * 2**20},
        "StressChaos",
        {"stressors": {"memory": {"workers": 1, "size": "64MB"}}},
    ),
    (
        {"kind": "io.delay", "pods": WEB, "volume": "/data", "seconds": 0.2, "percent": 50},
        "IOChaos",
        {"action": "latency", "delay": "200ms", "volumePath": "/data", "percent": 50, "methods": ["READ", "WRITE"]},
    ),
    (
        {"kind": "io.errors", "pods": WEB, "volume": "/data", "no_space": True},
        "IOChaos",
        {"action": "fault", "errno": 28, "volumePath": "/data", "percent": 100, "methods": ["WRITE"]},
    ),
    (
        {"kind": "dns.failure", "pods": WEB, "names": ["cart.shop"]},
        "DNSChaos",
        {"action": "error", "patterns": ["cart.shop.*"]},
    ),
    ({"kind": "clock.offset", "pods": WEB, "seconds": -60}, "TimeChaos", {"timeOffset": "-60000ms"}),
    (
        {"kind": "http.abort", "pods": WEB, "port": 80, "operation": "GET /cart"},
        "HTTPChaos",
        {"target": "Request", "port": 80, "method": "GET", "path": "/cart", "abort": True},
    ),
    (
        {"kind": "http.delay", "pods": WEB, "port": 80, "seconds": 2},
        "HTTPChaos",
        {"target": "Request", "port": 80, "path": "*", "delay": "2000ms"},
    ),
    (
        {"kind": "http.replace", "pods": WEB, "port": 80, "status": 503},
        "HTTPChaos",
        {"target": "Response", "port": 80, "path": "*", "replace": {"code": 503}},
    ),
    (
        {"kind": "container.kill", "pods": {**WEB, "container": "web"}},
        "PodChaos",
        {"action": "container-kill", "containerNames": ["web"]},
    ),
]

REFUSED: list[dict[str, Any]] = [
    {"kind": "stress.cpu", "pods": {**WEB, "image": "registry.example.com/shop/web:1.0"}, "cores": 1},
    {"kind": "node.power_off", "nodes": {"names": ["node-1"]}},
    {"kind": "load.increase", "factor": 2},
    {"kind": "network.loss", "pods": {"labels": {"app": "web"}}, "percent": 5},
    {"kind": "network.loss", "pods": WEB, "percent": 5, "direction": "from"},
    {"kind": "io.delay", "pods": WEB, "seconds": 1},
    {"kind": "http.abort", "pods": WEB},
    {"kind": "http.abort", "pods": WEB, "port": 80, "percent": 50},
    {"kind": "dns.failure", "pods": WEB, "percent": 50},
    {"kind": "dns.answer", "pods": WEB, "names": ["cart.shop"], "address": "10.0.0.1"},
    {"kind": "container.kill", "pods": WEB},
    {"kind": "misbehaviour", "pods": WEB, "behaviours": [{"kind": "hang"}]},
    {"kind": "api_server.overload", "percent": 50},
]


@pytest.mark.parametrize(("data", "kind", "spec"), CARRIED, ids=[data["kind"] for data, _, _ in CARRIED])
def test_what_chaos_mesh_can_carry(data: dict[str, Any], kind: str, spec: dict[str, Any]) -> None:
    made = chaos_object("d1", "chaos", disturbance_of(data))
    assert (made["apiVersion"], made["kind"]) == (API_VERSION, kind)
    assert made["metadata"] == {"name": "d1", "namespace": "chaos"}
    assert made["spec"] == {**SELECTED, **spec}


@pytest.mark.parametrize("data", REFUSED, ids=[data["kind"] for data in REFUSED])
def test_what_it_cannot_carry_is_refused_by_name(data: dict[str, Any]) -> None:
    with pytest.raises(NotSupportedError, match=data["kind"].partition(".")[0]):
        chaos_object("d1", "chaos", disturbance_of(data))


def _definition(kind: str, plural: str) -> dict[str, Any]:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "listKind": f"{kind}List"},
            "versions": [
                {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    }


async def test_objects_are_made_and_deleted(kube: KubernetesClient) -> None:
    for kind, plural in KINDS.items():
        await kube.create(_definition(kind, plural))
    mesh = ChaosMesh(kube, "shop")
    disturbances = [disturbance_of(data) for data, _, _ in CARRIED]
    for number, disturbance in enumerate(disturbances):
        await mesh.begin(f"d{number:02d}", disturbance)
        await mesh.begin(f"d{number:02d}", disturbance)
    with pytest.raises(ConflictError):
        await mesh.begin("d00", disturbances[0].model_copy(update={"seconds": 1.0}))
    standing = await mesh.standing()
    assert [standing[name].disturbance for name in sorted(standing)] == disturbances
    assert not any(each.in_effect for each in standing.values())
    for name in standing:
        assert await mesh.end(name)
        assert not await mesh.end(name)
    assert await mesh.standing() == {}
    assert await kube.list("NetworkChaos", "shop") == []


async def test_a_cluster_without_chaos_mesh_is_told(kube: KubernetesClient) -> None:
    mesh = ChaosMesh(kube, "shop")
    with pytest.raises(NotSupportedError, match="NetworkChaos"):
        await mesh.begin("d1", disturbance_of(CARRIED[0][0]))
    assert not await mesh.end("d1")
    assert await mesh.standing() == {}


async def test_what_is_injected_is_in_effect(kube: KubernetesClient) -> None:
    await kube.create(_definition("NetworkChaos", "networkchaos"))
    mesh = ChaosMesh(kube, "shop")
    await mesh.begin("d1", disturbance_of(CARRIED[1][0]))
    entity = Entity(kind="NetworkChaos", namespace="shop", name="d1")
    said = {"status": {"conditions": [{"type": "AllInjected", "status": "True"}]}}
    await kube.patch(entity, said, "merge")
    assert (await mesh.standing())["d1"].in_effect


def test_it_needs_few_rights() -> None:
    rule = needed_rules()[0]
    assert rule["apiGroups"] == [GROUP]
    assert set(rule["verbs"]) == {"create", "delete", "get", "list"}
    assert "*" not in rule["resources"]
