"""Where pods go, and why some go nowhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.amounts import pod_requests
from aiops.lab.control.scheduling.taints import tolerates
from aiops.lab.control.scheduling.terms import node_term

SELECTOR_MISSES = "node(s) didn't match Pod's node affinity/selector"
NO_HELP = "no new claims to deallocate, preemption: 0/3 nodes are available: 3"
NOT_HELPFUL = f"{NO_HELP} Preemption is not helpful for scheduling."


def _nodes(lab: Any) -> Counter[str]:
    return Counter(pod["spec"].get("nodeName", "") for pod in lab.pods())


def _why(lab: Any) -> str:
    pod = next(pod for pod in lab.pods() if "nodeName" not in pod["spec"])
    entry = next(c for c in pod["status"]["conditions"] if c["type"] == "PodScheduled")
    assert (entry["status"], entry["reason"]) == ("False", "Unschedulable")
    assert ("FailedScheduling", entry["message"]) in [(reason, text) for reason, text, _ in lab.events()]
    return str(entry["message"])


def test_replicas_spread_over_the_nodes(lab: Any) -> None:
    lab.deploy(replicas=6)
    lab.settle()
    assert _nodes(lab) == {"node-0": 2, "node-1": 2, "node-2": 2}


def test_a_node_selector_that_no_node_has(lab: Any) -> None:
    lab.deploy(replicas=1, nodeSelector={"disktype": "nvme"})
    lab.ticks()
    assert _why(lab) == f"0/3 nodes are available: 3 {SELECTOR_MISSES}. {NOT_HELPFUL}"
    lab.ticks(125)
    counts = [count for reason, _, count in lab.events() if reason == "FailedScheduling"]
    assert counts == [1, 2], "tried again after five minutes, not sooner"
    lab.edit("Node", "node-1", lambda node: node["metadata"]["labels"].update(disktype="nvme"), namespace="")
    lab.settle()
    assert _nodes(lab) == {"node-1": 1}


def test_requests_beyond_the_node(lab: Any) -> None:
    lab.deploy(replicas=7, container={"resources": {"requests": {"cpu": "1900m"}}})
    lab.ticks(3)
    assert _nodes(lab) == {"node-0": 2, "node-1": 2, "node-2": 2, "": 1}
    assert (
        _why(lab)
        == f"0/3 nodes are available: 3 Insufficient cpu. {NO_HELP} No preemption victims found for incoming pod."
    )
    lab.scale("web", 5)
    lab.settle()
    assert _nodes(lab)[""] == 0


def test_room_that_gets_free_is_used(lab: Any) -> None:
    for app in ("one", "two"):
        lab.deploy(app, replicas=3, container={"resources": {"requests": {"memory": "5Gi"}}})
    lab.ticks(3)
    assert _nodes(lab)[""] == 3
    lab.store.delete("Deployment", "default", "one")
    lab.settle()
    assert sorted(lab.words()) == ["Running"] * 3


def test_a_cordoned_node_takes_no_pods(lab: Any) -> None:
    lab.edit("Node", "node-0", lambda node: node["spec"].update(unschedulable=True), namespace="")
    lab.deploy(replicas=4)
    lab.settle()
    assert _nodes(lab) == {"node-1": 2, "node-2": 2}


def test_reasons_are_counted_by_node(lab: Any) -> None:
    lab.edit("Node", "node-0", lambda node: node["spec"].update(unschedulable=True), namespace="")
    taint = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
    lab.edit("Node", "node-1", lambda node: node["spec"].update(taints=[taint]), namespace="")
    lab.deploy(replicas=1, nodeSelector={"zone": "x"})
    lab.ticks()
    expected = f"1 {SELECTOR_MISSES}, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable"
    assert _why(lab) == f"0/3 nodes are available: {expected}. {NOT_HELPFUL}"


def test_no_nodes_at_all(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    lab.deploy(replicas=1)
    lab.ticks()
    assert _why(lab) == "no nodes available to schedule pods"


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "a", "operator": "Exists"}, True),
        ({"key": "a", "value": "b"}, True),
        ({"key": "a", "value": "c"}, False),
        ({"key": "b", "operator": "Exists"}, False),
        ({"key": "a", "value": "b", "effect": "NoExecute"}, False),
        ({"key": "a", "value": "b", "effect": "NoSchedule"}, True),
    ],
)
def test_tolerations(toleration: Manifest, expected: bool) -> None:
    taint = {"key": "a", "value": "b", "effect": "NoSchedule"}
    assert tolerates([toleration], taint) is expected


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("In", ["ssd"], True),
        ("NotIn", ["ssd"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
        ("Gt", ["1"], False),
    ],
)
def test_node_affinity(operator: str, values: list[str], expected: bool) -> None:
    term = {"matchExpressions": [{"key": "disk", "operator": operator, "values": values}]}
    node = {"metadata": {"name": "n", "labels": {"disk": "ssd"}}}
    assert node_term(term).matches(node) is expected


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=4), st.integers(0, 9000))
def test_requests_are_the_sum_or_the_largest_init(main: list[int], init: int) -> None:
    def container(cpu: int) -> Manifest:
        return {"resources": {"requests": {"cpu": f"{cpu}m"}}}

    pod = {"spec": {"containers": [container(cpu) for cpu in main], "initContainers": [container(init)]}}
    assert pod_requests(pod)["cpu"] == max(sum(main), init)
