"""Services that are missing, Ingresses that send nowhere, canaries, ports that moved, and hidden variables."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.cluster import ObservedCall
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism


def ingress(name: str, port: int = 80) -> dict[str, Any]:
    backend = {"service": {"name": name, "port": {"number": port}}}
    rule = {"host": "shop.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}
    return {"kind": "Ingress", "metadata": {"namespace": "shop", "name": "front"}, "spec": {"rules": [rule]}}


def blamed(shop: Any, check: str) -> list[tuple[str, Mechanism]]:
    return [(str(h.subject), h.mechanism) for found in shop.find(check) for h in found.suggests]


def test_an_ingress_whose_service_is_gone(shop: Any) -> None:
    shop.objects.append(ingress("web"))
    assert shop.find("service-missing") == []
    shop.objects.remove(shop.get("Service", "web"))
    assert blamed(shop, "service-missing") == [("Service/shop/web", Mechanism.CONFIG_SERVICE_MISSING)]
    shop.objects.append(ingress("wbe"))
    shop.get("Ingress", "front")["spec"] = ingress("wbe")["spec"]
    assert ("Ingress/shop/front", Mechanism.CONFIG_INGRESS) in blamed(shop, "service-missing")


def test_an_ingress_that_asks_for_a_port_that_the_service_does_not_have(shop: Any) -> None:
    shop.objects.append(ingress("web", 8888))
    (found,) = shop.find("ingress-backend")
    (guess,) = found.suggests
    assert (guess.mechanism, guess.wanted) == (Mechanism.CONFIG_INGRESS, 80)
    assert guess.field == "spec.rules[0].http.paths[0].backend.service.port"
    shop.objects[-1] = ingress("web", 80)
    assert shop.find("ingress-backend") == []


def test_a_governing_service_counts_where_somebody_misses_it(shop: Any) -> None:
    spec = {"serviceName": "queue", "replicas": 1, "template": {"spec": {"containers": []}}}
    shop.objects.append({"kind": "StatefulSet", "metadata": {"namespace": "shop", "name": "queue"}, "spec": spec})
    assert shop.find("service-missing") == []
    web = Entity(kind="Deployment", namespace="shop", name="web")
    shop.calls.append(ObservedCall(web, "queue-0.queue", 5672, 1.0, "name_not_resolved"))
    assert blamed(shop, "service-missing") == [("Service/shop/queue", Mechanism.CONFIG_SERVICE_MISSING)]


@pytest.mark.parametrize(("age", "found"), [(100.0, True), (90_000.0, False)])
def test_a_canary_is_a_suspect_while_it_is_new(shop: Any, age: float, found: bool) -> None:
    canary = copy.deepcopy(shop.get("Deployment", "cart"))
    canary["metadata"] = {**canary["metadata"], "name": "cart-b", "creationTimestamp": rfc3339(shop.now - age)}
    canary["spec"]["template"]["spec"]["containers"][0]["image"] = "registry/cart:2"
    pod = shop.pod("cart", canary["spec"]["template"], "c", 9)
    pod["metadata"]["ownerReferences"][0]["name"] = "cart-b-1"
    replica_set = shop.replica_set("cart-b", 1, canary["spec"]["template"])
    shop.objects += [canary, replica_set, pod]
    expected = [("Deployment/shop/cart-b", Mechanism.APP_VERSION)] if found else []
    assert blamed(shop, "canary") == expected


def test_the_workload_whose_ports_moved_is_blamed_and_not_the_service(shop: Any) -> None:
    template = shop.get("Deployment", "cart")["spec"]["template"]
    moved = copy.deepcopy(template)
    moved["spec"]["containers"][0]["ports"] = [{"name": "api", "containerPort": 8081}]
    shop.get("Deployment", "cart")["spec"]["template"] = moved
    replica_set = shop.replica_set("cart", 2, moved)
    replica_set["metadata"]["creationTimestamp"] = rfc3339(shop.now - 100)
    shop.objects.append(replica_set)
    (found,) = shop.find("service-target-port")
    (guess,) = found.suggests
    assert (str(guess.subject), guess.field) == (
        "Deployment/shop/cart",
        "spec.template.spec.containers[cart].ports",
    )


def test_a_variable_that_hides_another_is_told_from_a_wrong_one(shop: Any) -> None:
    env = shop.container("web")["env"]
    env[:] = [{"name": "CART_ADDR", "value": "cart:80"}, {"name": "CART_ADDR", "value": "cart:9"}]
    assert ("Deployment/shop/web", Mechanism.CONFIG_ENV_SHADOWED) in blamed(shop, "wrong-address")
    env[:] = [{"name": "CART_ADDR", "value": "cart:9"}]
    assert blamed(shop, "wrong-address") == [("Deployment/shop/web", Mechanism.CONFIG_ENV_VALUE)]
    shop.container("web")["envFrom"] = [{"configMapRef": {"name": "web"}}]
    shop.objects.append(
        {"kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "web"}, "data": {"CART_ADDR": "cart:80"}}
    )
    assert ("Deployment/shop/web", Mechanism.CONFIG_ENV_SHADOWED) in blamed(shop, "wrong-address")


@pytest.mark.parametrize(
    ("finalizers", "ago", "stuck"),
    [
        (["backup.example.com/hold"], 600, True),
        (["backup.example.com/hold"], 20, False),
        (["kubernetes.io/pvc-protection"], 600, False),
        ([], 600, False),
    ],
)
def test_an_object_that_nobody_lets_go(shop: Any, finalizers: list[str], ago: float, stuck: bool) -> None:
    shop.get("Service", "cart")["metadata"] = {
        "namespace": "shop",
        "name": "cart",
        "finalizers": finalizers,
        "deletionTimestamp": rfc3339(shop.now - ago),
    }
    expected = [("Service/shop/cart", Mechanism.CONFIG_FINALIZER)] if stuck else []
    assert blamed(shop, "stuck-finalizer") == expected


@pytest.mark.parametrize(("own", "found"), [(True, True), (False, False)])
def test_a_selector_that_is_too_wide(shop: Any, own: bool, found: bool) -> None:
    for name in ("web", "cart"):
        shop.get("Deployment", name)["spec"]["template"]["metadata"]["labels"]["tier"] = "shop"
    shop.get("Service", "cart")["spec"]["selector"] = {"tier": "shop"}
    if not own:
        shop.objects.remove(shop.get("Service", "web"))
    expected = [("Service/shop/cart", Mechanism.CONFIG_SELECTOR)] if found else []
    assert blamed(shop, "service-selector") == expected
    if found:
        assert shop.find("service-selector")[0].suggests[0].wanted == {"app": "cart"}
