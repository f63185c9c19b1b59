"""Checks of pods that fail."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.registry import CHECKS, run_all
from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism


def test_a_healthy_shop_has_no_finding(shop: Any) -> None:
    assert run_all(shop.state()) == []


def test_every_check_says_what_it_looks_for() -> None:
    assert all(check.run.__doc__ for check in CHECKS)


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"])
def test_an_image_that_cannot_be_pulled(shop: Any, reason: str) -> None:
    deployment = shop.get("Deployment", "cart")
    broken = copy.deepcopy(deployment["spec"]["template"])
    broken["spec"]["containers"][0]["image"] = "registry/cart:nope"
    deployment["spec"]["template"] = broken
    pod = shop.pod("cart", broken, "b", 2)
    pod["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": reason, "message": "not found"}}
    shop.objects += [shop.replica_set("cart", 2, broken), pod]
    found = shop.find("image-unavailable")
    assert [str(f.subject) for f in found] == ["Deployment/shop/cart"]
    hypothesis = found[0].suggests[0]
    assert hypothesis.mechanism == Mechanism.IMAGE_UNAVAILABLE
    assert hypothesis.field == "spec.template.spec.containers[cart].image"
    assert hypothesis.wanted == "registry/cart:1"
    assert found[0].since is not None


def test_a_container_killed_for_memory(shop: Any) -> None:
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": rfc3339(shop.now - 60)}
    shop.status("cart").update(restartCount=3, lastState={"terminated": ended})
    earlier = copy.deepcopy(shop.get("Deployment", "cart")["spec"]["template"])
    earlier["spec"]["containers"][0]["resources"]["limits"]["memory"] = "512Mi"
    shop.objects.append(shop.replica_set("cart", 0, earlier))
    found = shop.find("out-of-memory")
    hypothesis = found[0].suggests[0]
    assert (hypothesis.mechanism, hypothesis.wanted) == (Mechanism.RESOURCE_MEMORY_LIMIT, "512Mi")
    assert hypothesis.field == "spec.template.spec.containers[cart].resources.limits.memory"
    assert hypothesis.strength >= 0.9
    assert found[0].since == shop.now - 600, "the pod is young: it may have been killed since its start"
    assert shop.find("crash-loop") == []
    shop.get("Pod", "cart-1-a")["metadata"]["creationTimestamp"] = rfc3339(shop.now - 86_400)
    assert shop.find("out-of-memory")[0].since == shop.now - 60


@pytest.mark.parametrize(
    ("image", "mechanisms"),
    [
        ("registry/sorter:7", [Mechanism.IMAGE_WRONG, Mechanism.RESOURCE_MEMORY_LIMIT]),
        ("registry/cart:0", [Mechanism.RESOURCE_MEMORY_LIMIT]),
    ],
)
def test_a_kill_of_another_program_speaks_for_its_image(shop: Any, image: str, mechanisms: list[Mechanism]) -> None:
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": rfc3339(shop.now - 60)}
    shop.status("cart").update(restartCount=3, lastState={"terminated": ended})
    earlier = copy.deepcopy(shop.get("Deployment", "cart")["spec"]["template"])
    earlier["spec"]["containers"][0]["image"] = image
    shop.objects.append(shop.replica_set("cart", 0, earlier))
    for item in (one for one in shop.objects if one["kind"] == "ReplicaSet"):
        item["metadata"]["creationTimestamp"] = rfc3339(shop.now - 600)
    (finding,) = shop.find("out-of-memory")
    guesses = sorted(finding.suggests, key=lambda h: -h.strength)
    assert [h.mechanism for h in guesses] == mechanisms
    assert guesses[0].mechanism is not Mechanism.IMAGE_WRONG or guesses[0].wanted == image


def test_a_kill_of_long_ago_says_nothing(shop: Any) -> None:
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": rfc3339(shop.now - 86_400)}
    shop.status("cart").update(restartCount=1, lastState={"terminated": ended})
    assert shop.find("out-of-memory") == []


def test_a_crash_loop_is_found_but_not_explained(shop: Any) -> None:
    ended = {"reason": "Error", "exitCode": 1, "finishedAt": rfc3339(shop.now - 20)}
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    shop.status("web").update(restartCount=4, lastState={"terminated": ended}, state=waiting)
    found = shop.find("crash-loop")
    assert found[0].score == 1.0
    assert max(h.strength for h in found[0].suggests) < 0.5


def test_a_crash_speaks_against_a_program_that_is_new(shop: Any) -> None:
    ended = {"reason": "Error", "exitCode": 1, "finishedAt": rfc3339(shop.now - 20)}
    shop.status("cart").update(restartCount=4, lastState={"terminated": ended})
    earlier = copy.deepcopy(shop.get("Deployment", "cart")["spec"]["template"])
    earlier["spec"]["containers"][0]["image"] = "registry/cart:0"
    shop.objects.append(shop.replica_set("cart", 0, earlier))
    old = shop.find("crash-loop")[0].suggests[0]
    assert (old.mechanism, old.wanted) == (Mechanism.APP_VERSION, None), "nobody knows when it was rolled out"
    shop.get("ReplicaSet", "cart-1")["metadata"]["creationTimestamp"] = rfc3339(shop.now - 86_400)
    assert shop.find("crash-loop")[0].suggests[0].wanted is None
    shop.get("ReplicaSet", "cart-1")["metadata"]["creationTimestamp"] = rfc3339(shop.now - 600)
    new = shop.find("crash-loop")[0].suggests[0]
    assert (new.field, new.wanted) == ("spec.template.spec.containers[cart].image", "registry/cart:0")
    assert new.strength > old.strength


def test_a_container_that_ended_well_is_no_crash(shop: Any) -> None:
    shop.status("web").update(lastState={"terminated": {"reason": "Completed", "exitCode": 0}})
    assert shop.find("crash-loop") == []


def test_a_container_that_ends_because_its_pod_was_deleted_is_no_crash(shop: Any) -> None:
    """A finalizer may hold the pod for long after."""
    ended = {"reason": "Error", "exitCode": 137, "finishedAt": rfc3339(shop.now - 60)}
    shop.status("cart").update(state={"terminated": ended})
    assert len(shop.find("crash-loop")) == 1
    metadata = shop.get("Pod", "cart-1-a")["metadata"]
    metadata.update(deletionTimestamp=rfc3339(shop.now - 60), deletionGracePeriodSeconds=30)
    assert shop.find("crash-loop") == []
    before = {"reason": "Error", "exitCode": 1, "finishedAt": rfc3339(shop.now - 100)}
    shop.status("cart").update(lastState={"terminated": before})
    assert [finding.observed.partition(",")[0] for finding in shop.find("crash-loop")] == ["exit code 1"]


def test_a_node_selector_that_no_node_meets(shop: Any) -> None:
    deployment = shop.get("Deployment", "web")
    picky = copy.deepcopy(deployment["spec"]["template"])
    picky["spec"]["nodeSelector"] = {"disk": "tape"}
    deployment["spec"]["template"] = picky
    pod = shop.pod("web", picky, "b", 2)
    message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    pod["status"] = {"conditions": [{"type": "PodScheduled", "status": "False", "message": message}]}
    shop.objects += [shop.replica_set("web", 2, picky), pod]
    found = shop.find("unschedulable")
    assert found[0].observed == message
    assert found[0].suggests[0].mechanism == Mechanism.SCHEDULING_NODE_SELECTOR


def test_a_pod_without_room_blames_no_field(shop: Any) -> None:
    pod = shop.get("Pod", "web-1-a")
    pod["status"] = {"conditions": [{"type": "PodScheduled", "status": "False", "message": "Insufficient memory"}]}
    found = shop.find("unschedulable")
    assert (len(found), found[0].suggests) == (1, ())


def test_a_probe_of_a_port_that_is_not_there(shop: Any) -> None:
    shop.unready("cart")
    shop.get("Pod", "cart-1-a")["spec"]["containers"][0]["readinessProbe"]["httpGet"]["port"] = 9999
    found = shop.find("failing-probe")
    assert found[0].suggests[0].mechanism == Mechanism.CONFIG_PROBE
    assert found[0].suggests[0].strength == 0.9


def test_a_process_that_is_not_ready_may_have_its_reasons(shop: Any) -> None:
    shop.unready("cart")
    assert shop.find("failing-probe")[0].suggests[0].strength < 0.5


def test_a_container_that_just_started_may_warm_up(shop: Any) -> None:
    shop.unready("cart")
    shop.status("cart")["state"] = {"running": {"startedAt": rfc3339(shop.now - 10)}}
    assert shop.find("failing-probe") == []


def test_a_rollout_past_its_deadline(shop: Any) -> None:
    condition = {
        "type": "Progressing",
        "status": "False",
        "reason": "ProgressDeadlineExceeded",
        "lastTransitionTime": rfc3339(shop.now - 30),
    }
    shop.get("Deployment", "web")["status"]["conditions"] = [condition]
    found = shop.find("rollout-stuck")
    assert (found[0].since, found[0].suggests) == (shop.now - 30, ())
    assert "1 of 1 replicas available" in found[0].observed
