"""Autoscalers that are held back, that get no figure, or that of something else."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism

CART, SCALER = "Deployment/shop/cart", "HorizontalPodAutoscaler/shop/cart"


def metric(name: str, **target: Any) -> dict[str, Any]:
    return {"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", **target}}}


def figure(name: str, **current: Any) -> dict[str, Any]:
    return {"type": "Resource", "resource": {"name": name, "current": current}}


def scaler(shop: Any, conditions: list[dict[str, str]], name: str = "cpu", now: int = 140, **spec: Any) -> None:
    since = {"lastTransitionTime": rfc3339(shop.now - 300)}
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "cart"}, "minReplicas": 1, "maxReplicas": 3}
    shop.objects.append(
        {
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"namespace": "shop", "name": "cart"},
            "spec": {**target, "metrics": [metric(name, averageUtilization=70)], **spec},
            "status": {
                "conditions": [{**since, "message": "m", **condition} for condition in conditions],
                "currentMetrics": [figure(name, averageUtilization=now, averageValue="1")],
            },
        }
    )


def condition(name: str, status: str, reason: str, message: str = "m") -> dict[str, str]:
    return {"type": name, "status": status, "reason": reason, "message": message}


def test_one_at_its_most_may_be_bounded_too_low_or_have_too_much_to_do(shop: Any) -> None:
    scaler(shop, [condition("ScalingLimited", "True", "TooManyReplicas")])
    (found,) = shop.find("autoscaler-limited")
    assert str(found.subject) == CART
    assert [(str(h.subject), h.mechanism, h.field) for h in found.suggests] == [
        (SCALER, Mechanism.SCALING_BOUNDS, "spec.maxReplicas"),
        (CART, Mechanism.LOAD_INCREASE, None),
    ]


@pytest.mark.parametrize(
    ("up", "field"),
    [
        ({"selectPolicy": "Disabled"}, "selectPolicy"),
        ({"stabilizationWindowSeconds": 3600}, "stabilizationWindowSeconds"),
        ({"policies": [{"type": "Pods", "value": 1, "periodSeconds": 1800}]}, "policies"),
        ({"policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}]}, None),
    ],
)
def test_one_whose_behaviour_holds_it_back(shop: Any, up: dict[str, Any], field: str | None) -> None:
    scaler(shop, [condition("ScalingLimited", "False", "DesiredWithinRange")], behavior={"scaleUp": up})
    found = [finding.suggests[0].field for finding in shop.find("autoscaler-limited")]
    assert found == ([f"spec.behavior.scaleUp.{field}"] if field else [])
    shop.get("HorizontalPodAutoscaler", "cart")["status"]["currentMetrics"] = [figure("cpu", averageUtilization=20)]
    assert shop.find("autoscaler-limited") == [], "it has no need to grow"


def test_at_its_least_and_idle_nothing_is_wrong(shop: Any) -> None:
    scaler(shop, [condition("ScalingLimited", "True", "TooFewReplicas")], now=10)
    for check in ("autoscaler-limited", "autoscaler-blind", "autoscaler-figure"):
        assert shop.find(check) == []


def test_a_container_without_a_request_blinds_its_autoscaler(shop: Any) -> None:
    said = "failed to get cpu utilization: missing request for cpu in container cart of Pod cart-1-a"
    scaler(shop, [condition("ScalingActive", "False", "FailedGetResourceMetric", said)])
    shop.container("cart")["resources"] = {}
    (found,) = shop.find("autoscaler-blind")
    (blamed,) = found.suggests
    field = "spec.template.spec.containers[cart].resources.requests.cpu"
    assert (str(blamed.subject), blamed.mechanism, blamed.field) == (CART, Mechanism.SCALING_METRIC, field)


@pytest.mark.parametrize(
    ("name", "reason", "said", "field"),
    [
        ("ScalingActive", "FailedGetPodsMetric", "unable to get metric requests: no metrics returned", "spec.metrics"),
        ("AbleToScale", "FailedGetScale", 'deployments.apps "kart" not found', "spec.scaleTargetRef"),
    ],
)
def test_a_metric_or_target_that_is_not_there(shop: Any, name: str, reason: str, said: str, field: str) -> None:
    other = {"scaleTargetRef": {"kind": "Deployment", "name": "kart"}} if name == "AbleToScale" else {}
    scaler(shop, [condition(name, "False", reason, said)], **other)
    (found,) = shop.find("autoscaler-blind")
    assert [(str(h.subject), h.field) for h in found.suggests] == [(SCALER, field)]


def test_pods_that_are_not_ready_have_no_figure_and_zero_replicas_need_none(shop: Any) -> None:
    said = "did not receive metrics for targeted pods (pods might be unready)"
    scaler(shop, [condition("ScalingActive", "False", "FailedGetResourceMetric", said)])
    assert [h.strength for h in shop.find("autoscaler-blind")[0].suggests] == [0.6]
    shop.unready("cart")
    assert shop.find("autoscaler-blind") == []
    shop.get("HorizontalPodAutoscaler", "cart")["status"]["conditions"][0]["reason"] = "ScalingDisabled"
    assert shop.find("autoscaler-blind") == []


@pytest.mark.parametrize(
    ("name", "now", "target", "strength"),
    [("memory", 20, 70, 0.3), ("cpu", 20, 350, 0.5), ("cpu", 20, 70, None), ("memory", 80, 70, None)],
)
def test_a_figure_of_something_else(shop: Any, name: str, now: int, target: int, strength: float | None) -> None:
    scaler(shop, [], name, now, metrics=[metric(name, averageUtilization=target)])
    found = [h.strength for finding in shop.find("autoscaler-figure") for h in finding.suggests]
    assert found == ([strength] if strength else [])
