"""Checks of logins, encryption, bounds of bytes, the ways of Services, and nodes that say how they are."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.cluster import ObservedCall
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

WEB = Entity(kind="Deployment", namespace="shop", name="web")


def failing(error: str, protocol: str = "postgresql", ratio: float = 0.9) -> ObservedCall:
    return ObservedCall(WEB, "cart", 80, ratio, error, worked=True, protocol=protocol)


def blamed(shop: Any, check: str) -> list[tuple[str, Mechanism, str | None, float]]:
    return [(str(h.subject), h.mechanism, h.field, h.strength) for f in shop.find(check) for h in f.suggests]


def with_secret(shop: Any, name: str) -> None:
    reference = {"name": "CART_PASSWORD", "valueFrom": {"secretKeyRef": {"name": name, "key": "password"}}}
    container = shop.container("web")
    container["env"] = [v for v in container["env"] if v["name"] != "CART_PASSWORD"] + [reference]


def test_a_refused_login_may_be_the_secrets_or_the_stores_fault(shop: Any) -> None:
    with_secret(shop, "cart-login")
    shop.calls = [failing("authentication_failed")]
    found = blamed(shop, "store-login")
    assert {(s, m, f) for s, m, f, _ in found} == {
        ("Secret/shop/cart-login", Mechanism.AUTH_CREDENTIAL, "data.password"),
        ("Deployment/shop/cart", Mechanism.AUTH_USER_MISSING, None),
    }


def test_another_secret_than_in_the_revision_before(shop: Any) -> None:
    with_secret(shop, "cart-login")
    former = copy.deepcopy(shop.get("Deployment", "web")["spec"]["template"])
    shop.objects.append(shop.replica_set("web", 0, former))
    with_secret(shop, "cart-login-2")
    shop.calls = [failing("authentication_failed")]
    best = max(blamed(shop, "store-login"), key=lambda one: one[3])
    assert best[:2] == ("Secret/shop/cart-login-2", Mechanism.AUTH_CREDENTIAL)
    assert best[3] >= 0.9


def test_a_right_that_the_store_took_back(shop: Any) -> None:
    shop.calls = [failing("permission_denied")]
    assert [one[:2] for one in blamed(shop, "store-login")] == [("Deployment/shop/cart", Mechanism.AUTH_ROLE_REVOKED)]


def test_logins_that_fail_once_in_a_while_say_nothing(shop: Any) -> None:
    shop.calls = [failing("authentication_failed", ratio=0.02)]
    assert blamed(shop, "store-login") == []


@pytest.mark.parametrize(
    ("protocol", "variable", "mechanism"),
    [
        ("postgresql", "REQUIRE_TLS", Mechanism.TLS_REQUIRED),
        ("http", "TLS_MODE", Mechanism.NETWORK_MTLS),
        ("mongodb", "MTLS_MODE", Mechanism.NETWORK_MTLS),
    ],
)
def test_one_side_demands_encryption(shop: Any, protocol: str, variable: str, mechanism: Mechanism) -> None:
    former = copy.deepcopy(shop.get("Deployment", "cart")["spec"]["template"])
    shop.objects.append(shop.replica_set("cart", 0, former))
    shop.container("cart")["env"].append({"name": variable, "value": "strict"})
    assert blamed(shop, "encryption") == []
    shop.calls = [failing("connection_reset", protocol)]
    path = f"spec.template.spec.containers[cart].env[{variable}].value"
    assert blamed(shop, "encryption") == [("Deployment/shop/cart", mechanism, path, 0.9)]


def test_broken_connections_without_a_word_of_encryption(shop: Any) -> None:
    shop.calls = [failing("connection_reset")]
    assert blamed(shop, "encryption") == []


def test_a_service_that_sends_only_to_its_own_node(shop: Any) -> None:
    shop.get("Service", "cart")["spec"]["internalTrafficPolicy"] = "Local"
    shop.get("Pod", "web-1-a")["spec"]["nodeName"] = "n1"
    shop.get("Pod", "cart-1-a")["spec"]["nodeName"] = "n2"
    assert blamed(shop, "traffic-policy") == []
    shop.calls = [failing("connection_refused", "http")]
    found = [one[:3] for one in blamed(shop, "traffic-policy")]
    assert found == [("Service/shop/cart", Mechanism.NETWORK_TRAFFIC_POLICY, "spec.internalTrafficPolicy")]
    shop.get("Pod", "web-1-a")["spec"]["nodeName"] = "n2"
    assert blamed(shop, "traffic-policy") == []


def test_pods_with_a_bound_for_their_bytes(shop: Any) -> None:
    assert blamed(shop, "bandwidth-bound") == []
    template = shop.get("Deployment", "cart")["spec"]["template"]
    shop.objects.append(shop.replica_set("cart", 0, template))
    template["metadata"]["annotations"] = {"kubernetes.io/egress-bandwidth": "1M"}
    template["spec"]["containers"][0]["image"] = "registry/cart:2"
    subject, mechanism, field, strength = blamed(shop, "bandwidth-bound")[0]
    assert (subject, mechanism, strength) == ("Deployment/shop/cart", Mechanism.NETWORK_BANDWIDTH, 0.7)
    assert field == "spec.template.metadata.annotations[kubernetes.io/egress-bandwidth]"


@pytest.mark.parametrize(
    ("condition", "mechanisms"),
    [
        ({"type": "Ready", "status": "True"}, []),
        ({"type": "Ready", "status": "False", "reason": "KubeletNotReady"}, [Mechanism.NODE_NOT_READY]),
        ({"type": "Ready", "status": "Unknown"}, [Mechanism.NODE_NOT_READY, Mechanism.NODE_DOWN]),
        ({"type": "DiskPressure", "status": "True"}, [Mechanism.NODE_DISK_PRESSURE]),
        ({"type": "MemoryPressure", "status": "True"}, [Mechanism.NODE_MEMORY_PRESSURE]),
        ({"type": "MemoryPressure", "status": "False"}, []),
    ],
)
def test_what_a_node_says_of_itself(shop: Any, condition: dict[str, str], mechanisms: list[Mechanism]) -> None:
    shop.get("Node", "n1")["status"] = {"conditions": [condition]}
    assert [one[1] for one in blamed(shop, "node-conditions")] == mechanisms
