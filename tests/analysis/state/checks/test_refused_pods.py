"""Pods that may not be made: which object refuses them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism

CART = "Deployment/shop/cart"
QUOTA = 'pods "cart-x" is forbidden: exceeded quota: room, requested: limits.memory=1Gi, used: memory=4Gi, limited: 4Gi'
CALL = 'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: connection refused'
DENIED = 'admission webhook "check.example.com" denied the request: no'
SECURITY = 'pods "cart-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false'


def refused(shop: Any, message: str) -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    condition["lastTransitionTime"] = rfc3339(shop.now - 60)
    shop.get("ReplicaSet", "cart-1")["status"] = {"conditions": [condition]}


def blamed(shop: Any) -> list[tuple[str, Mechanism, str | None]]:
    (finding,) = shop.find("refused-pods")
    assert (str(finding.subject), finding.score, finding.since) == (CART, 1.0, shop.now - 60)
    return [(str(h.subject), h.mechanism, h.field) for h in sorted(finding.suggests, key=lambda h: -h.strength)]


def test_a_quota_that_is_used_up_or_wants_to_be_told(shop: Any) -> None:
    refused(shop, QUOTA)
    room = "ResourceQuota/shop/room"
    assert blamed(shop) == [(room, Mechanism.RESOURCE_QUOTA, "spec.hard[limits.memory]")]
    refused(shop, "failed quota: room: must specify limits.cpu for: cart")
    assert blamed(shop) == [(room, Mechanism.RESOURCE_QUOTA, "spec.hard[limits.cpu]")]


def test_a_workload_that_asks_for_more_than_before_shares_the_blame(shop: Any) -> None:
    refused(shop, QUOTA)
    former = shop.replica_set("cart", 0, shop.get("Deployment", "cart")["spec"]["template"])
    former["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"memory": "1Mi", "cpu": "1m"}}
    shop.objects.append(former)
    assert [found[1] for found in blamed(shop)] == [Mechanism.RESOURCE_QUOTA, Mechanism.SCHEDULING_REQUEST]


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        (
            "maximum memory usage per Container is 64Mi, but limit is 128Mi",
            {"type": "Container", "max": {"memory": "64Mi"}},
        ),
        ("minimum cpu usage per Pod is 1, but request is 500m", {"type": "Pod", "min": {"cpu": "1"}}),
        (
            "cpu max limit to request ratio per Container is 2, but provided ratio is 5.0",
            {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}},
        ),
    ],
)
def test_the_limit_range_with_such_a_bound(shop: Any, message: str, limit: dict[str, Any]) -> None:
    refused(shop, f'pods "cart-x" is forbidden: {message}')
    other = {"type": "Container", "default": {"memory": "64Mi"}}
    for name, one in (("bounds", limit), ("defaults", other)):
        meta = {"namespace": "shop", "name": name}
        shop.objects.append({"kind": "LimitRange", "metadata": meta, "spec": {"limits": [one]}})
    field = f"spec.limits[{limit['type']}]"
    assert blamed(shop) == [("LimitRange/shop/bounds", Mechanism.RESOURCE_LIMIT_RANGE, field)]


def test_pod_security_blames_the_namespace_or_a_workload_that_wants_more_than_before(shop: Any) -> None:
    refused(shop, SECURITY)
    namespace = "Namespace//shop"
    assert [found[0] for found in blamed(shop)] == [namespace]
    template = copy.deepcopy(shop.get("Deployment", "cart")["spec"]["template"])
    shop.objects.append(shop.replica_set("cart", 0, template))
    for kind, name in (("ReplicaSet", "cart-1"), ("Deployment", "cart")):
        shop.get(kind, name)["spec"]["template"]["spec"]["hostNetwork"] = True
    found = blamed(shop)
    assert found[0] == (CART, Mechanism.ADMISSION_POD_SECURITY, "spec.template.spec.hostNetwork")
    assert found[1][0] == namespace


def webhook(shop: Any) -> None:
    hook = {"name": "check.example.com", "clientConfig": {"service": {"namespace": "shop", "name": "web"}}}
    meta = {"name": "checks"}
    shop.objects.append({"kind": "ValidatingWebhookConfiguration", "metadata": meta, "webhooks": [hook]})


def test_a_webhook_that_does_not_answer_and_the_workload_behind_it(shop: Any) -> None:
    webhook(shop)
    config = ("ValidatingWebhookConfiguration//checks", Mechanism.ADMISSION_WEBHOOK, "webhooks[check.example.com]")
    refused(shop, CALL)
    assert blamed(shop) == [config]
    shop.unready("web")
    assert blamed(shop) == [("Deployment/shop/web", Mechanism.ADMISSION_WEBHOOK, None), config]
    refused(shop, DENIED)
    assert blamed(shop) == [config]


def test_what_makes_its_pods_itself_tells_by_events_while_they_are_lacking(shop: Any) -> None:
    meta = {"namespace": "shop", "name": "store"}
    store = {
        "kind": "StatefulSet",
        "metadata": meta,
        "spec": {"replicas": 2, "template": {}},
        "status": {"replicas": 1},
    }
    event = {
        "kind": "Event",
        "metadata": {"namespace": "shop", "name": "e"},
        "involvedObject": {"kind": "StatefulSet", "namespace": "shop", "name": "store"},
        "reason": "FailedCreate",
        "message": QUOTA,
        "firstTimestamp": rfc3339(shop.now - 60),
        "lastTimestamp": rfc3339(shop.now),
    }
    shop.objects += [store, event]
    (finding,) = shop.find("refused-pods")
    assert str(finding.subject) == "StatefulSet/shop/store"
    store["status"]["replicas"] = 2
    assert shop.find("refused-pods") == []
