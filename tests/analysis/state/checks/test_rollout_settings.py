"""Rollouts that wait for their own settings, and those that only take their time."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism


def rolling(shop: Any, **spec: Any) -> dict[str, Any]:
    """A Deployment of two pods of which the newest revision has none yet."""
    deployment: dict[str, Any] = shop.get("Deployment", "cart")
    deployment["spec"] |= {"replicas": 2, **spec}
    deployment["status"] = {"replicas": 2, "availableReplicas": 2, "updatedReplicas": 0}
    template = copy.deepcopy(deployment["spec"]["template"])
    template["spec"]["containers"][0]["image"] = "registry/cart:2"
    deployment["spec"]["template"] = template
    shop.objects.append(shop.pod("cart", shop.get("ReplicaSet", "cart-1")["spec"]["template"], "b"))
    return deployment


def field(shop: Any) -> list[str | None]:
    found = [h for one in shop.find("rollout-settings") for h in one.suggests]
    assert all(h.mechanism == Mechanism.ROLLOUT_STRATEGY for h in found)
    return [h.field for h in found]


def test_a_paused_rollout_and_one_that_was_paused_when_it_was_done(shop: Any) -> None:
    deployment = rolling(shop, paused=True)
    assert field(shop) == ["spec.paused"]
    deployment["status"]["updatedReplicas"] = 2
    shop.objects.append(shop.replica_set("cart", 2, deployment["spec"]["template"]))
    assert field(shop) == []


@pytest.mark.parametrize(("least", "fault"), [(0, True), ("10%", True), (1, False), ("50%", False)])
def test_no_pod_may_go_and_there_is_no_room(shop: Any, least: int | str, fault: bool) -> None:
    rolling(shop, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": least, "maxSurge": 1}})
    new = shop.pod("cart", shop.get("Deployment", "cart")["spec"]["template"], "c")
    said = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."
    new["status"] = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": said}]}
    shop.objects.append(new)
    assert field(shop) == (["spec.strategy.rollingUpdate.maxUnavailable"] if fault else [])


def test_a_pod_that_no_node_would_take_anyway_is_not_the_strategys_fault(shop: Any) -> None:
    rolling(shop, strategy={"rollingUpdate": {"maxUnavailable": 0}})
    new = shop.pod("cart", shop.get("Deployment", "cart")["spec"]["template"], "c")
    said = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."
    new["status"] = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": said}]}
    shop.objects.append(new)
    assert field(shop) == []


@pytest.mark.parametrize(("least", "fault"), [(3600, True), (10, False)])
def test_pods_that_have_to_be_ready_for_very_long(shop: Any, least: int, fault: bool) -> None:
    rolling(shop, minReadySeconds=least)
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": rfc3339(shop.now - 200)}
    shop.get("Pod", "cart-1-a")["status"]["conditions"] = [ready]
    assert field(shop) == (["spec.minReadySeconds"] if fault else [])


def test_all_pods_given_up_at_once(shop: Any) -> None:
    deployment = rolling(shop, strategy={"type": "Recreate"})
    assert field(shop) == []
    deployment["status"] = {"replicas": 2, "updatedReplicas": 2}
    assert field(shop) == ["spec.strategy.type"]
    deployment["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": "100%"}}
    assert field(shop) == ["spec.strategy.rollingUpdate.maxUnavailable"]


@pytest.mark.parametrize(
    ("strategy", "path"),
    [
        ({"type": "OnDelete"}, "spec.updateStrategy.type"),
        ({"rollingUpdate": {"partition": 3}}, "spec.updateStrategy.rollingUpdate.partition"),
        ({"type": "RollingUpdate"}, None),
    ],
)
def test_a_stateful_set_that_keeps_its_old_pods(shop: Any, strategy: dict[str, Any], path: str | None) -> None:
    shop.objects.append(
        {
            "kind": "StatefulSet",
            "metadata": {"namespace": "shop", "name": "queue"},
            "spec": {"replicas": 3, "updateStrategy": strategy, "template": {"spec": {"containers": []}}},
            "status": {"updatedReplicas": 0, "currentRevision": "queue-1", "updateRevision": "queue-2"},
        }
    )
    assert field(shop) == ([path] if path else [])
