"""Nodes that fall silent, come back, or go; and what becomes of their pods."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import condition
from aiops.lab.kube.storage.deletion import DeleteOptions

FIVE_MINUTES = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]
"""What admission gives every pod."""


def _taints(lab: Any, name: str) -> list[tuple[str, str]]:
    taints = lab.store.get("Node", "", name)["spec"].get("taints") or ()
    return [(taint["key"].rpartition("/")[2], taint["effect"]) for taint in taints]


def _ready(lab: Any, name: str) -> Manifest:
    found = condition(lab.store.get("Node", "", name), "Ready")
    assert found is not None
    return found


def _on(lab: Any, node: str) -> list[str]:
    return [pod["metadata"]["name"] for pod in lab.pods() if pod["spec"].get("nodeName") == node]


def test_a_silent_node_is_unknown_after_its_grace_and_its_pods_leave_after_300_seconds(lab: Any) -> None:
    lab.deploy(replicas=3, tolerations=FIVE_MINUTES)
    lab.settle()
    lab.control.machines.stop("node-1")
    lab.ticks(10)
    assert _ready(lab, "node-1")["status"] == "True"
    lab.ticks(2)
    entry = _ready(lab, "node-1")
    assert (entry["status"], entry["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert entry["message"] == "Kubelet stopped posting node status."
    assert _taints(lab, "node-1") == [("unreachable", "NoSchedule"), ("unreachable", "NoExecute")]
    (pod,) = _on(lab, "node-1")
    assert condition(lab.store.get("Pod", "default", pod), "Ready")["status"] == "False"
    assert ("NodeNotReady", "Node is not ready", 1) in lab.events(pod)
    assert ("NodeNotReady", "Node node-1 status is now: NodeNotReady", 1) in lab.events("node-1")
    lab.ticks(58)
    assert "deletionTimestamp" not in lab.store.get("Pod", "default", pod)["metadata"]
    lab.ticks(4)
    assert ("TaintManagerEviction", f"Marking for deletion Pod default/{pod}", 1) in lab.events(pod)


def test_a_node_that_comes_back_in_time_keeps_its_pods(lab: Any) -> None:
    lab.deploy(replicas=3, tolerations=FIVE_MINUTES)
    lab.settle()
    before = [pod["metadata"]["name"] for pod in lab.pods()]
    lab.control.machines.stop("node-2")
    lab.ticks(30)
    assert ("unreachable", "NoExecute") in _taints(lab, "node-2")
    lab.control.machines.start("node-2")
    lab.ticks(3)
    assert _ready(lab, "node-2")["status"] == "True"
    assert _taints(lab, "node-2") == []
    assert [pod["metadata"]["name"] for pod in lab.pods()] == before
    assert any("Cancelling deletion" in text for _, text, _ in lab.events())


def test_where_nothing_is_heard_of_any_node_nobody_is_evicted(lab: Any) -> None:
    lab.deploy(replicas=3)
    lab.settle()
    for index in range(3):
        lab.control.machines.stop(f"node-{index}")
    lab.ticks(120)
    assert all(_taints(lab, f"node-{index}") == [("unreachable", "NoSchedule")] for index in range(3))
    assert all("deletionTimestamp" not in pod["metadata"] for pod in lab.pods())


def test_a_cordon_is_a_taint_and_goes_with_it(lab: Any) -> None:
    lab.edit("Node", "node-0", lambda node: node["spec"].update(unschedulable=True), namespace="")
    lab.ticks()
    assert _taints(lab, "node-0") == [("unschedulable", "NoSchedule")]
    lab.edit("Node", "node-0", lambda node: node["spec"].pop("unschedulable"), namespace="")
    lab.ticks()
    assert _taints(lab, "node-0") == []


def test_a_no_execute_taint_ends_pods_that_do_not_tolerate_it(lab: Any) -> None:
    toleration = {"key": "maintenance", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}
    lab.deploy("stays", replicas=3, tolerations=[toleration])
    lab.deploy("goes", replicas=3)
    lab.settle()
    taint = {"key": "maintenance", "effect": "NoExecute"}
    lab.edit("Node", "node-0", lambda node: node["spec"].update(taints=[taint]), namespace="")
    lab.ticks(3)
    on_node = [pod for pod in lab.pods() if pod["spec"].get("nodeName") == "node-0"]
    assert {pod["metadata"]["labels"]["app"] for pod in on_node} == {"stays"}
    lab.ticks(15)
    stayed = {pod["metadata"]["name"] for pod in on_node}
    assert not stayed & {pod["metadata"]["name"] for pod in lab.pods()}
    assert len([word for word in lab.words() if word == "Running"]) == 6


def test_pods_of_a_node_that_is_gone_fail_and_go(lab: Any) -> None:
    lab.deploy(replicas=3)
    lab.settle()
    (pod,) = _on(lab, "node-2")
    lab.store.delete("Node", "", "node-2", DeleteOptions())
    lab.ticks(5)
    assert _on(lab, "node-2") == [pod]
    lab.ticks(20)
    assert _on(lab, "node-2") == []
    assert lab.store.find("Lease", "kube-node-lease", "node-2") is None
    assert len([word for word in lab.words() if word == "Running"]) == 3


def test_a_node_has_a_lease_an_address_and_the_old_labels(lab: Any) -> None:
    lab.ticks()
    lease = lab.store.get("Lease", "kube-node-lease", "node-1")
    assert (lease["spec"]["holderIdentity"], lease["spec"]["leaseDurationSeconds"]) == ("node-1", 40)
    node = lab.store.get("Node", "", "node-1")
    assert node["metadata"]["labels"]["beta.kubernetes.io/os"] == "linux"
    assert node["metadata"]["annotations"]["node.alpha.kubernetes.io/ttl"] == "0"
    assert ("RegisteredNode", "Node node-1 event: Registered Node node-1 in Controller", 1) in lab.events("node-1")


def test_conditions_that_somebody_wrote_without_a_time_get_one(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.ticks(4)
    conditions = [{"type": "Ready", "status": "True"}]
    for kind, namespace, name in (("Node", "", "node-0"), ("Pod", "default", lab.pods()[0]["metadata"]["name"])):
        item = lab.store.get(kind, namespace, name)
        status = {**item["status"], "conditions": conditions}
        lab.store.update({**item, "status": status}, manager="test", subresource="status")
    lab.control.machines.stop("node-0")
    lab.control.machines.start("node-0")
    lab.ticks(70)
    found = [each for kind in ("Node", "Pod") for each in lab.store.objects(kind)]
    assert all(entry.get("lastTransitionTime") for item in found for entry in item["status"]["conditions"][-4:])
