from __future__ import annotations

from typing import Any

import pytest

from aiops.analysis.state.relations import affected
from aiops.core.entity import Entity

CART = Entity(kind="Deployment", namespace="shop", name="cart")
WEB = Entity(kind="Deployment", namespace="shop", name="web")


def _entity(kind: str, name: str) -> Entity:
    return Entity(kind=kind, namespace="shop", name=name)


def test_pods_belong_to_their_workload(shop: Any) -> None:
    state = shop.state()
    assert [p["metadata"]["name"] for p in state.pods_of(CART)] == ["cart-1-a"]
    assert state.workload(state.find("Pod", "shop", "web-1-a")) == WEB


def test_without_replica_sets_labels_tell_the_workload(shop: Any) -> None:
    shop.objects = [o for o in shop.objects if o["kind"] != "ReplicaSet"]
    assert len(shop.state().pods_of(CART)) == 1


def test_without_replica_sets_a_hash_tells_the_deployment_where_labels_would_tell_another(shop: Any) -> None:
    shop.objects = [o for o in shop.objects if o["kind"] != "ReplicaSet"]
    made = shop.get("Pod", "cart-1-a")["metadata"]
    made["labels"] = {**shop.get("Pod", "web-1-a")["metadata"]["labels"], "pod-template-hash": "1"}
    made["ownerReferences"] = [{"kind": "ReplicaSet", "name": "cart-1", "controller": True}]
    assert shop.state().workload(shop.get("Pod", "cart-1-a")) == CART


@pytest.mark.parametrize(("host", "there"), [("10.9.9.9", True), ("fd00::9", True), ("None", False), ("", False)])
def test_an_address_of_either_family_means_its_service(shop: Any, host: str, there: bool) -> None:
    shop.get("Service", "cart")["spec"] |= {"clusterIP": "10.9.9.9", "clusterIPs": ["10.9.9.9", "fd00::9"]}
    shop.get("Service", "web")["spec"] |= {"clusterIP": "None", "clusterIPs": ["None"]}
    found = shop.state().service_of_host(host, "elsewhere")
    assert (found is not None) == there


def test_pods_that_are_leaving_do_not_count(shop: Any) -> None:
    shop.get("Pod", "cart-1-a")["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    state = shop.state()
    assert state.pods_of(CART) == []
    assert state.selected(state.find("Service", "shop", "cart")) == []


@pytest.mark.parametrize("host", ["cart", "cart.shop", "cart.shop.svc", "cart.shop.svc.cluster.local.", "10.9.9.9"])
def test_a_host_name_means_a_service(shop: Any, host: str) -> None:
    shop.get("Service", "cart")["spec"]["clusterIP"] = "10.9.9.9"
    found = shop.state().service_of_host(host, "shop")
    assert found is not None
    assert found["metadata"]["name"] == "cart"


@pytest.mark.parametrize("host", ["kart", "cart.other", "cart.shop.example.com", "10.9.9.8", ""])
def test_other_host_names_mean_none(shop: Any, host: str) -> None:
    assert shop.state().service_of_host(host, "shop") is None


def test_objects_concern_workloads(shop: Any) -> None:
    shop.objects += [
        {"kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "settings"}},
        {"kind": "ServiceAccount", "metadata": {"namespace": "shop", "name": "default"}},
        {"kind": "Role", "metadata": {"namespace": "shop", "name": "reader"}},
        {
            "kind": "RoleBinding",
            "metadata": {"namespace": "shop", "name": "readers"},
            "roleRef": {"kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "cart"}],
        },
        shop.policy("p", {"podSelector": {"matchLabels": {"app": "web"}}}),
    ]
    shop.container("cart")["envFrom"] = [{"configMapRef": {"name": "settings"}}]
    shop.get("Deployment", "cart")["spec"]["template"]["spec"]["serviceAccountName"] = "cart"
    state = shop.state()
    assert affected(state, CART) == (CART,)
    for kind, name in (
        ("Pod", "cart-1-a"),
        ("ReplicaSet", "cart-1"),
        ("Service", "cart"),
        ("ConfigMap", "settings"),
        ("Role", "reader"),
        ("RoleBinding", "readers"),
    ):
        assert affected(state, _entity(kind, name)) == (CART,), kind
    assert affected(state, _entity("NetworkPolicy", "p")) == (WEB,)
    assert affected(state, _entity("ServiceAccount", "default")) == (WEB,)
    assert affected(state, _entity("Service", "unknown")) == ()


def test_a_service_that_selects_nothing_concerns_its_namesake(shop: Any) -> None:
    shop.get("Service", "cart")["spec"]["selector"] = {"app": "kart"}
    assert affected(shop.state(), _entity("Service", "cart")) == (CART,)


def test_earlier_templates_come_newest_first_and_without_the_present_one(shop: Any) -> None:
    template = shop.get("Deployment", "cart")["spec"]["template"]
    for revision, image in ((2, "cart:2"), (3, "cart:3")):
        template["spec"]["containers"][0]["image"] = image
        shop.objects.append(shop.replica_set("cart", revision, template))
    images = [t["spec"]["containers"][0]["image"] for t in shop.state().templates(CART)]
    assert images == ["cart:2", "registry/cart:1"]
