"""Disruption budgets: their arithmetic, and evictions that never break one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.lab.kube.api.subresources.eviction import spend
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import condition_is


def _budget(lab: Any, name: str = "web", **spec: Any) -> None:
    body = {"selector": {"matchLabels": {"app": "web"}}, **spec}
    lab.create("policy/v1", "PodDisruptionBudget", name, spec=body)


def _status(lab: Any) -> tuple[int, int, int, int]:
    status = lab.status("PodDisruptionBudget", "web")
    return (
        status["expectedPods"],
        status["desiredHealthy"],
        status["currentHealthy"],
        status["disruptionsAllowed"],
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 3}, (5, 3, 5, 2)),
        ({"minAvailable": "50%"}, (5, 3, 5, 2)),
        ({"maxUnavailable": 1}, (5, 4, 5, 1)),
        ({"maxUnavailable": "30%"}, (5, 3, 5, 2)),
        ({"minAvailable": 5}, (5, 5, 5, 0)),
        ({"maxUnavailable": 9}, (5, 0, 5, 5)),
    ],
)
def test_arithmetic(lab: Any, spec: dict[str, Any], expected: tuple[int, ...]) -> None:
    _budget(lab, **spec)
    lab.deploy(replicas=5)
    lab.settle()
    assert _status(lab) == expected
    word = ("True", "SufficientPods") if expected[3] else ("False", "InsufficientPods")
    assert lab.conditions("PodDisruptionBudget", "web") == {"DisruptionAllowed": word}


def test_a_budget_without_pods_allows_nothing_and_says_so(lab: Any) -> None:
    _budget(lab, minAvailable=0)
    lab.settle()
    assert _status(lab) == (0, 0, 0, 0)
    assert ("NoPods", "No matching pods found") in [event[:2] for event in lab.events("web")]


def test_pods_of_what_has_no_scale_allow_nothing(lab: Any) -> None:
    _budget(lab, maxUnavailable=1)
    job = lab.create("v1", "ConfigMap", "owner")
    owner = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "owner",
        "uid": job["metadata"]["uid"],
        "controller": True,
    }
    metadata = {"name": "lost", "namespace": "default", "labels": {"app": "web"}, "ownerReferences": [owner]}
    containers = [{"name": "app", "image": "app:1"}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}}
    lab.store.create(pod, manager="test")
    lab.control.step()
    assert lab.conditions("PodDisruptionBudget", "web") == {"DisruptionAllowed": ("False", "SyncFailed")}


def test_a_refusal_names_the_budget_and_its_numbers(lab: Any) -> None:
    _budget(lab, minAvailable=2)
    lab.deploy(replicas=2)
    lab.settle()
    with pytest.raises(ApiError) as caught:
        spend(lab.store, lab.pods()[0], lab.store.objects("PodDisruptionBudget"))
    assert caught.value.status == 429
    assert caught.value.details == {
        "causes": [
            {
                "reason": "DisruptionBudget",
                "message": "The disruption budget web needs 2 healthy pods and has 2 currently",
            }
        ]
    }


def test_two_budgets_for_one_pod_are_not_supported(lab: Any) -> None:
    _budget(lab, minAvailable=0)
    _budget(lab, "other", minAvailable=0)
    lab.deploy(replicas=1)
    lab.settle()
    with pytest.raises(ApiError, match="more than one PodDisruptionBudget"):
        spend(lab.store, lab.pods()[0], lab.store.objects("PodDisruptionBudget"))


def test_an_allowed_pod_that_is_not_deleted_is_counted_again(lab: Any) -> None:
    _budget(lab, maxUnavailable=1)
    lab.deploy(replicas=3)
    lab.settle()
    spend(lab.store, lab.pods()[0], lab.store.objects("PodDisruptionBudget"))
    lab.ticks(2)
    assert _status(lab) == (3, 2, 2, 0)
    lab.ticks(30)
    assert _status(lab) == (3, 2, 3, 1)
    assert "disruptedPods" not in lab.status("PodDisruptionBudget", "web")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=12), st.integers(0, 5))
def test_evictions_never_break_a_budget(make_lab: Any, steps: list[tuple[int, int]], least: int) -> None:
    lab = make_lab()
    _budget(lab, minAvailable=least)
    lab.deploy(replicas=5)
    lab.settle()
    for index, ticks in steps:
        pods = lab.pods()
        pod = pods[index % len(pods)]
        if "deletionTimestamp" not in pod["metadata"]:
            with suppress(ApiError):
                spend(lab.store, pod, lab.store.objects("PodDisruptionBudget"))
                lab.store.delete("Pod", "default", pod["metadata"]["name"])
        healthy = [p for p in lab.pods() if condition_is(p, "Ready") and "deletionTimestamp" not in p["metadata"]]
        assert len(healthy) >= least
        lab.ticks(ticks)
