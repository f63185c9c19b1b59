"""Important pods take the place of others, as few and as unimportant ones as will do."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest


def _classes(lab: Any) -> None:
    for name, value in (("low", 10), ("mid", 100), ("high", 1000)):
        lab.create("scheduling.k8s.io/v1", "PriorityClass", name, value=value)


def _pod(lab: Any, name: str, cpu: str, priority: str, **spec: Any) -> Manifest:
    values = {"low": 10, "mid": 100, "high": 1000}
    container = {"name": "c", "image": "app:1", "resources": {"requests": {"cpu": cpu}}}
    labels = spec.pop("labels", {})
    metadata = {"name": name, "namespace": "default", "labels": labels}
    body = {"containers": [container], "priorityClassName": priority, "priority": values[priority], **spec}
    pod: Manifest = lab.store.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": body}, manager="test"
    )
    return pod


def _place(lab: Any, name: str) -> str:
    found = lab.store.find("Pod", "default", name)
    return "" if found is None else str(found["spec"].get("nodeName", ""))


def test_the_least_important_victims_make_room(lab: Any) -> None:
    _classes(lab)
    for index in range(3):
        _pod(lab, f"a{index}", "3", "mid" if index else "low")
    lab.settle()
    victim_node = _place(lab, "a0")
    high = _pod(lab, "boss", "3", "high")
    lab.control.step()
    waiting = lab.store.get("Pod", "default", "boss")
    assert waiting["status"]["nominatedNodeName"] == victim_node
    going = lab.store.get("Pod", "default", "a0")
    target = next(entry for entry in going["status"]["conditions"] if entry["type"] == "DisruptionTarget")
    assert (target["reason"], target["status"]) == ("PreemptionByScheduler", "True")
    assert target["message"] == "default-scheduler: preempting to accommodate a higher priority pod"
    lab.settle()
    assert _place(lab, "boss") == victim_node
    assert "nominatedNodeName" not in lab.store.get("Pod", "default", "boss")["status"]
    assert lab.store.find("Pod", "default", "a0") is None
    assert _place(lab, "a1")
    text = f"Preempted by pod {high['metadata']['uid']} on node {victim_node}"
    assert ("Preempted", text, 1) in lab.events("a0")


def test_who_may_not_push_others_waits(lab: Any) -> None:
    lab.create("scheduling.k8s.io/v1", "PriorityClass", "high", value=1000, preemptionPolicy="Never")
    lab.create("scheduling.k8s.io/v1", "PriorityClass", "low", value=10)
    for index in range(3):
        _pod(lab, f"a{index}", "3", "low")
    lab.settle()
    _pod(lab, "polite", "3", "high", preemptionPolicy="Never")
    lab.ticks(3)
    assert _place(lab, "polite") == ""
    (reason,) = {text for reason, text, _ in lab.events("polite") if reason == "FailedScheduling"}
    assert reason.endswith("preemption: not eligible due to preemptionPolicy=Never.")
    assert all(_place(lab, f"a{index}") for index in range(3))


def test_a_budget_is_spared_where_another_victim_will_do(lab: Any) -> None:
    _classes(lab)
    for index in range(3):
        _pod(lab, f"a{index}", "3", "low", labels={"app": "kept" if index else "free"})
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "kept"}}}
    lab.create("policy/v1", "PodDisruptionBudget", "kept", spec=spec)
    lab.settle()
    _pod(lab, "boss", "3", "high")
    lab.settle()
    assert _place(lab, "boss")
    assert lab.store.find("Pod", "default", "a0") is None
    assert [_place(lab, name) != "" for name in ("a1", "a2")] == [True, True]


def test_the_room_that_was_made_is_kept_for_who_made_it(lab: Any) -> None:
    _classes(lab)
    for index in range(3):
        _pod(lab, f"a{index}", "3", "low")
    lab.settle()
    _pod(lab, "boss", "3", "high")
    lab.control.step()
    nominated = lab.store.get("Pod", "default", "boss")["status"]["nominatedNodeName"]
    _pod(lab, "quick", "3", "low")
    lab.settle()
    assert _place(lab, "boss") == nominated
    assert _place(lab, "quick") == ""
