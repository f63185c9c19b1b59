"""Pods that got other resources than their template asks for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism


def hook(shop: Any, name: str = "tuner", **more: Any) -> None:
    rule = {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}
    one = {"name": f"{name}.example.com", "rules": [rule], **more}
    shop.objects.append({"kind": "MutatingWebhookConfiguration", "metadata": {"name": name}, "webhooks": [one]})


def give(shop: Any, limit: str) -> dict[str, Any]:
    pod: dict[str, Any] = shop.get("Pod", "cart-1-a")
    pod["spec"] = copy.deepcopy(pod["spec"])
    pod["spec"]["containers"][0]["resources"]["limits"]["memory"] = limit
    return pod


def blamed(shop: Any) -> list[tuple[str, Mechanism]]:
    return [(str(h.subject), h.mechanism) for found in shop.find("shaped-pods") for h in found.suggests]


@pytest.mark.parametrize("limit", ["128Mi", "134217728", "1Gi"])
def test_the_same_or_more_is_no_trouble(shop: Any, limit: str) -> None:
    hook(shop)
    give(shop, limit)
    assert shop.find("shaped-pods") == []


def test_a_webhook_that_gives_less_and_weighs_more_where_the_pod_fails(shop: Any) -> None:
    hook(shop)
    give(shop, "32Mi")
    (well,) = shop.find("shaped-pods")
    shop.unready("cart")
    (ill,) = shop.find("shaped-pods")
    assert blamed(shop) == [("MutatingWebhookConfiguration//tuner", Mechanism.RESOURCE_MUTATED)]
    assert (well.score, ill.score) == (0.2, 0.9)
    assert well.suggests[0].strength < ill.suggests[0].strength


@pytest.mark.parametrize(
    "more",
    [
        {"namespaceSelector": {"matchLabels": {"team": "other"}}},
        {"objectSelector": {"matchLabels": {"app": "web"}}},
        {"rules": [{"apiGroups": [""], "resources": ["secrets"], "operations": ["CREATE"]}]},
        {"rules": [{"apiGroups": [""], "resources": ["pods"], "operations": ["DELETE"]}]},
    ],
)
def test_a_webhook_that_is_not_asked_about_such_pods(shop: Any, more: dict[str, Any]) -> None:
    hook(shop, **more)
    give(shop, "32Mi")
    assert blamed(shop) == []


def test_of_several_webhooks_each_is_possible(shop: Any) -> None:
    hook(shop, "one")
    hook(shop, "two")
    give(shop, "32Mi")
    shop.unready("cart")
    assert [h.strength for found in shop.find("shaped-pods") for h in found.suggests] == [0.5, 0.5]


def test_the_default_of_a_limit_range_that_kills(shop: Any) -> None:
    """Another check says that it was killed, and is less sure of the workload's own limit then."""
    limit = {"type": "Container", "default": {"memory": "32Mi"}}
    meta = {"namespace": "shop", "name": "bounds"}
    shop.objects.append({"kind": "LimitRange", "metadata": meta, "spec": {"limits": [limit]}})
    for kind, name in (("Deployment", "cart"), ("ReplicaSet", "cart-1")):
        shop.get(kind, name)["spec"]["template"]["spec"]["containers"][0]["resources"] = {}
    give(shop, "32Mi")
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": rfc3339(shop.now - 30)}
    shop.status("cart").update(lastState={"terminated": ended}, restartCount=3)
    assert blamed(shop) == [("LimitRange/shop/bounds", Mechanism.RESOURCE_LIMIT_RANGE)]
    assert [h.strength for h in shop.find("out-of-memory")[0].suggests] == [0.4]
