"""Volumes in memory that are too small, who shares a volume, and nodes that cannot be emptied."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.storage.users import newcomers, users_of
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

CART = "Deployment/shop/cart"


def memory(limit: str | None, medium: str = "Memory") -> list[dict[str, Any]]:
    return [{"name": "shm", "emptyDir": {"medium": medium, **({"sizeLimit": limit} if limit else {})}}]


def rolled(shop: Any, volumes: list[dict[str, Any]], before: list[dict[str, Any]], **ended: Any) -> None:
    """A new revision with these volumes, whose container ended."""
    deployment = shop.get("Deployment", "cart")
    shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]["volumes"] = before
    template = copy.deepcopy(deployment["spec"]["template"])
    template["spec"]["volumes"] = volumes
    template["metadata"]["annotations"] = {"new": "one"}
    template["spec"]["priorityClassName"] = "x"
    deployment["spec"]["template"] = template
    fresh = shop.replica_set("cart", 2, template)
    fresh["metadata"]["creationTimestamp"] = rfc3339(shop.now - 300)
    pod = shop.pod("cart", template, "b", 2)
    terminated = {"exitCode": 1, "reason": "Error", "finishedAt": rfc3339(shop.now - 20), **ended}
    pod["status"]["containerStatuses"][0]["lastState"] = {"terminated": terminated}
    shop.objects += [fresh, pod]


@pytest.mark.parametrize(
    ("now", "before", "ended", "strength"),
    [
        (memory("16Mi"), [], {}, 0.88),
        (memory("16Mi"), memory("1Gi"), {}, 0.88),
        (memory("1Gi"), memory("16Mi"), {}, None),
        (memory("64Mi"), memory("64Mi"), {"exitCode": 135}, 0.5),
        (memory(None), [], {}, None),
        (memory("16Mi", ""), [], {}, None),
        (memory("16Mi"), [], {"exitCode": 0}, None),
        (memory("16Mi"), [], {"reason": "OOMKilled"}, None),
    ],
)
def test_a_failing_pod_with_a_small_volume_in_memory(
    shop: Any, now: Any, before: Any, ended: dict[str, Any], strength: float | None
) -> None:
    rolled(shop, now, before, **ended)
    found = [h for finding in shop.find("memory-volume") for h in finding.suggests]
    assert [h.strength for h in found] == ([strength] if strength else [])
    assert all((str(h.subject), h.mechanism) == (CART, Mechanism.RESOURCE_SHARED_MEMORY) for h in found)


def test_an_evicted_pod_names_its_volume(shop: Any) -> None:
    pod = shop.get("Pod", "cart-1-a")
    pod["spec"] |= {"volumes": memory("64Mi")}
    pod["status"] |= {"reason": "Evicted", "message": 'Usage of EmptyDir volume "shm" exceeds the limit "64Mi". '}
    (found,) = shop.find("memory-volume")
    assert (found.suggests[0].strength, found.suggests[0].field) == (0.95, "spec.template.spec.volumes[shm]")


def test_who_came_to_a_volume_later(shop: Any) -> None:
    claim = Entity(kind="PersistentVolumeClaim", namespace="shop", name="data")
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    for name, age in (("cart", 9000), ("web", 600)):
        shop.get("Pod", f"{name}-1-a")["spec"] |= {"volumes": volumes}
        shop.get("Deployment", name)["metadata"]["creationTimestamp"] = rfc3339(shop.now - age)
    state = shop.state()
    assert [str(user) for user in users_of(state, claim)] == [CART, "Deployment/shop/web"]
    assert [str(user) for user in newcomers(state, claim, shop.now - 3600)] == ["Deployment/shop/web"]
    assert newcomers(state, claim, shop.now - 60) == []


def drained(shop: Any, allowed: int = 0, healthy: int = 1, age: float = 600.0) -> None:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": rfc3339(shop.now - age)}
    shop.get("Node", "n1")["spec"] = {"unschedulable": True, "taints": [taint]}
    shop.get("Pod", "cart-1-a")["spec"] |= {"nodeName": "n1"}
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "cart"}}}
    status = {"disruptionsAllowed": allowed, "currentHealthy": healthy, "desiredHealthy": 1, "expectedPods": 1}
    meta = {"namespace": "shop", "name": "cart"}
    shop.objects.append({"kind": "PodDisruptionBudget", "metadata": meta, "spec": spec, "status": status})


def test_a_budget_that_lets_nobody_go_from_a_node_that_is_to_be_emptied(shop: Any) -> None:
    drained(shop)
    (found,) = shop.find("blocked-drain")
    (guess,) = found.suggests
    assert (str(found.subject), str(guess.subject)) == (CART, "PodDisruptionBudget/shop/cart")
    assert (guess.mechanism, guess.field) == (Mechanism.SCHEDULING_DISRUPTION_BUDGET, "spec.minAvailable")


@pytest.mark.parametrize("more", [{"allowed": 1}, {"healthy": 0}, {"age": 30.0}])
def test_a_budget_that_does_its_duty(shop: Any, more: dict[str, Any]) -> None:
    drained(shop, **more)
    assert shop.find("blocked-drain") == []
    shop.get("Node", "n1")["spec"] = {}
    assert shop.find("blocked-drain") == []
