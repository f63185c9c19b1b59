"""Checks of settings that cannot work."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.cluster import ObservedCall
from aiops.analysis.state.network.references import references
from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism

WEB = Entity(kind="Deployment", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")


@pytest.mark.parametrize("target", [9999, "grpc", "9999"])
def test_a_target_port_that_nobody_declares(shop: Any, target: int | str) -> None:
    shop.get("Service", "cart")["spec"]["ports"][0]["targetPort"] = target
    found = shop.find("service-target-port")
    hypothesis = found[0].suggests[0]
    assert str(hypothesis.subject) == "Service/shop/cart"
    assert (hypothesis.mechanism, hypothesis.wanted) == (Mechanism.CONFIG_TARGET_PORT, 8081)
    assert hypothesis.field == "spec.ports[http].targetPort"


def test_refused_calls_make_a_wrong_target_port_sure(shop: Any) -> None:
    shop.get("Service", "cart")["spec"]["ports"][0]["targetPort"] = 9999
    weak = shop.find("service-target-port")[0].suggests[0].strength
    shop.calls = [ObservedCall(WEB, "cart", 80, 1.0, "connection_refused")]
    assert shop.find("service-target-port")[0].suggests[0].strength > weak


def test_without_declared_ports_nothing_can_be_said(shop: Any) -> None:
    del shop.container("cart")["ports"]
    shop.get("Service", "cart")["spec"]["ports"][0]["targetPort"] = 9999
    assert shop.find("service-target-port") == []


def test_a_selector_that_selects_nothing(shop: Any) -> None:
    shop.get("Service", "cart")["spec"]["selector"] = {"app": "kart"}
    found = shop.find("service-selector")
    assert found[0].suggests[0].mechanism == Mechanism.CONFIG_SELECTOR
    assert found[0].suggests[0].wanted == {"app": "cart"}
    assert found[0].suggests[0].strength == 0.9


def test_a_service_without_a_ready_pod(shop: Any) -> None:
    shop.unready("cart")
    assert [str(f.subject) for f in shop.find("no-ready-endpoint")] == ["Service/shop/cart"]


def test_scaled_to_zero_behind_a_service(shop: Any) -> None:
    shop.get("Deployment", "cart")["spec"]["replicas"] = 0
    assert shop.find("scaled-to-zero")[0].suggests[0].wanted == 1
    target = {"kind": "Deployment", "name": "cart"}
    meta = {"namespace": "shop", "name": "cart"}
    spec = {"scaleTargetRef": target, "minReplicas": 3}
    shop.objects.append({"kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec})
    assert shop.find("scaled-to-zero")[0].suggests[0].wanted == 3


def test_a_missing_key(shop: Any) -> None:
    source = {"configMapKeyRef": {"name": "settings", "key": "url"}}
    shop.container("web")["env"].append({"name": "URL", "valueFrom": source})
    assert shop.find("missing-key") == [], "no ConfigMap was read, so nothing can be said about one"
    shop.objects.append(
        {"kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "settings"}, "data": {"u": "x"}}
    )
    found = shop.find("missing-key")
    assert found[0].suggests[0].mechanism == Mechanism.CONFIG_MISSING_KEY
    assert str(found[0].subject) == "Deployment/shop/web", "that is where the trouble shows"
    assert (str(found[0].suggests[0].subject), found[0].suggests[0].field) == ("ConfigMap/shop/settings", "data.url")
    source["configMapKeyRef"]["optional"] = True  # type: ignore[assignment]
    assert shop.find("missing-key") == []


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("catr:80", "cart:80"),
        ("http://catr:80/api", "http://cart:80/api"),
        ("cart:81", "cart:80"),
        ("catr.shop.svc.cluster.local:80", "cart.shop.svc.cluster.local:80"),
        ("elsewhere:80", None),
    ],
)
def test_an_address_that_leads_nowhere(shop: Any, address: str, wanted: str | None) -> None:
    shop.container("web")["env"][0]["value"] = address
    found = shop.find("wrong-address")
    hypothesis = found[0].suggests[0]
    assert (hypothesis.mechanism, hypothesis.wanted) == (Mechanism.CONFIG_ENV_VALUE, wanted)
    assert hypothesis.field == "spec.template.spec.containers[web].env[CART_ADDR].value"


@pytest.mark.parametrize("address", ["cart:80", "cart.shop:80", "localhost:99", "example.com:443", "debug", "12:30"])
def test_addresses_that_are_well_or_none_of_ours(shop: Any, address: str) -> None:
    shop.container("web")["env"][0]["value"] = address
    assert shop.find("wrong-address") == []


def test_references_come_from_config_maps_too(shop: Any) -> None:
    shop.container("web")["env"] = [
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "cart"}}}
    ]
    data = {"cart": "cart:80,stock:81", "other": "x"}
    shop.objects.append({"kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "settings"}, "data": data})
    found = list(references(shop.state()))
    assert [(r.host, r.port, str(r.defined_in), r.path) for r in found] == [
        ("cart", 80, "ConfigMap/shop/settings", "data.cart"),
        ("stock", 81, "ConfigMap/shop/settings", "data.cart"),
    ]


def test_a_policy_that_forbids_a_configured_call(shop: Any) -> None:
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Ingress"], "ingress": []}
    shop.objects.append(shop.policy("shut", spec))
    found = shop.find("network-policy")
    assert found[0].subject == Edge(source=WEB, target=CART)
    assert found[0].suggests[0].mechanism == Mechanism.NETWORK_POLICY
    assert str(found[0].suggests[0].subject) == "NetworkPolicy/shop/shut"
    weak = found[0].suggests[0].strength
    shop.calls = [ObservedCall(WEB, "cart", 80, 0.9, "timeout")]
    assert shop.find("network-policy")[0].suggests[0].strength > weak


def test_a_forbidden_call_that_nothing_needs_blames_nobody(shop: Any) -> None:
    shop.objects += shop.application("blog", 8082, {})
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [{"from": [{"podSelector": {}}]}]}
    spec["ingress"][0]["from"][0]["podSelector"] = {"matchLabels": {"app": "web"}}
    shop.objects.append(shop.policy("old", spec))
    blog = Entity(kind="Deployment", namespace="shop", name="blog")
    shop.calls = [ObservedCall(blog, "cart", 80, 1.0, "timeout")]
    (found,) = shop.find("network-policy")
    assert found.suggests == ()
    assert found.score < 0.65
    assert "on purpose" in found.summary
    shop.calls = [ObservedCall(blog, "cart", 80, 1.0, "timeout", worked=True)]
    (found,) = shop.find("network-policy")
    assert found.suggests[0].mechanism == Mechanism.NETWORK_POLICY


def test_a_policy_that_lets_the_call_through_is_fine(shop: Any) -> None:
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 8081}]}
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": [rule]}
    shop.objects.append(shop.policy("open", spec))
    assert shop.find("network-policy") == []


def test_a_gateway_is_the_source_of_an_ingress_call(shop: Any) -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    shop.objects.append(
        {"kind": "Ingress", "metadata": {"namespace": "shop", "name": "front"}, "spec": {"defaultBackend": backend}}
    )
    objects = shop.application("gate", 80, {})
    objects[0]["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] = "ingress-nginx"
    shop.objects += objects
    shop.objects.append(shop.policy("shut", {"podSelector": {"matchLabels": {"app": "web"}}}))
    ingress = Entity(kind="Ingress", namespace="shop", name="front")
    shop.calls = [ObservedCall(ingress, "web", 80, 0.5, "504")]
    found = shop.find("network-policy")
    assert str(found[0].subject) == "Deployment/shop/gate -> Deployment/shop/web"
    assert found[0].suggests, "the Ingress names the Service"
    stranger = copy.deepcopy(objects[0])
    stranger["metadata"]["namespace"] = "evil"
    shop.objects.append(stranger)
    assert shop.find("network-policy") == [], "anybody can label a pod"


def test_a_workload_that_lost_its_service_is_not_taken_for_a_wrong_address(shop: Any) -> None:
    shop.objects.remove(shop.get("Service", "cart"))
    (found,) = shop.find("wrong-address")
    (blamed,) = found.suggests
    assert (str(blamed.subject), blamed.mechanism) == ("Service/shop/cart", Mechanism.CONFIG_SERVICE_MISSING)
    assert str(found.subject) == "Deployment/shop/web -> Deployment/shop/cart"


def test_a_variable_named_after_another_service_is_told_where_its_calls_fail(shop: Any) -> None:
    shop.objects += shop.application("stock", 8082, {})
    shop.container("web")["env"] = [{"name": "CART_ADDR", "value": "stock:80"}]
    assert shop.find("wrong-address") == [], "an odd name alone is no fault"
    web = Entity(kind="Deployment", namespace="shop", name="web")
    shop.calls = [ObservedCall(source=web, host="stock", port=80, error_ratio=0.5)]
    (found,) = shop.find("wrong-address")
    (blamed,) = found.suggests
    assert (blamed.subject, blamed.wanted) == (web, "cart:80")
    shop.container("web")["env"] = [{"name": "STOCK_FOR_CART", "value": "stock:80"}]
    assert shop.find("wrong-address") == [], "it is named after both"


def test_a_service_that_sends_to_a_neighbour_is_told_from_one_that_was_meant_so(shop: Any) -> None:
    shop.get("Service", "cart")["spec"]["selector"] = {"app": "web"}
    (found,) = shop.find("service-selector")
    (blamed,) = found.suggests
    assert (str(blamed.subject), blamed.mechanism) == ("Service/shop/cart", Mechanism.CONFIG_SELECTOR)
    assert (blamed.field, blamed.wanted) == ("spec.selector", {"app": "cart"})
    assert "none sends to Deployment/shop/cart" in found.summary
    shop.objects.remove(shop.get("Service", "web"))
    assert shop.find("service-selector") == [], "web has no other Service, so this one may well be meant for it"


def test_a_second_service_of_a_workload_is_no_fault(shop: Any) -> None:
    selector = {"app": "cart"}
    meta = {"namespace": "shop", "name": "cart-internal"}
    shop.objects.append({"kind": "Service", "metadata": meta, "spec": {"selector": selector, "ports": []}})
    assert shop.find("service-selector") == []


def test_without_services_no_address_is_called_wrong(shop: Any) -> None:
    shop.container("web")["env"][0]["value"] = "catr:80"
    assert shop.find("wrong-address")
    shop.objects = [o for o in shop.objects if o["kind"] != "Service"]
    assert shop.find("wrong-address") == []
