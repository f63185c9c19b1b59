"""Pods that find no node: what the scheduler says, and whose setting it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.analysis.state.placing.asking import host_ports, is_chosen, requested, tolerates
from aiops.analysis.state.placing.message import Obstacle, obstacles
from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism

CART = "Deployment/shop/cart"
SPEC = "spec.template.spec"
TAINT = {"key": "team", "value": "data", "effect": "NoSchedule"}


def said(text: str) -> str:
    return f"0/3 nodes are available: {text}. preemption: 0/3 nodes are available: 3 Preemption is not helpful."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3 Insufficient cpu", [Obstacle("resource", 3, "cpu")]),
        (
            "1 node(s) had untolerated taint {team: data}, 2 Insufficient nvidia.com/gpu, 2 Insufficient memory",
            [
                Obstacle("taint", 1, "team", "data"),
                Obstacle("resource", 2, "nvidia.com/gpu"),
                Obstacle("resource", 2, "memory"),
            ],
        ),
        ("3 node(s) had untolerated taint(s). no new claims to deallocate", [Obstacle("taint", 3)]),
        ("1 node(s) had untolerated taint {a: }", [Obstacle("taint", 1, "a")]),
        ("2 node(s) were unschedulable, 1 Too many pods", [Obstacle("cordon", 2), Obstacle("resource", 1)]),
        ("3 node(s) didn't match Pod's node affinity/selector", [Obstacle("selector", 3)]),
        ("3 node(s) didn't match pod anti-affinity rules", [Obstacle("apart", 3)]),
        ("3 node(s) didn't satisfy existing pods anti-affinity rules", [Obstacle("others", 3)]),
        ("3 node(s) didn't match pod topology spread constraints", [Obstacle("spread", 3)]),
        ("3 node(s) didn't have free ports for the requested pod ports", [Obstacle("port", 3)]),
        ("3 node(s) had volume node affinity conflict", [Obstacle("volume", 3)]),
        ('persistentvolumeclaim "data" not found', [Obstacle("claim", 0)]),
        ("pod has unbound immediate PersistentVolumeClaims", [Obstacle("claim", 0)]),
        ("something that no version says", []),
    ],
)
def test_the_message_is_taken_apart(text: str, found: list[Obstacle]) -> None:
    assert obstacles(said(text)) == found


def pending(shop: Any, text: str, name: str = "cart", **spec: Any) -> None:
    """The workload's newest revision asks for `spec`, and its pod is turned down with `text`."""
    deployment = shop.get("Deployment", name)
    template = copy.deepcopy(deployment["spec"]["template"])
    template["spec"] |= spec
    deployment["spec"]["template"] = template
    pod = shop.pod(name, template, "b", 2)
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said(text)}
    pod["status"] = {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": rfc3339(shop.now - 60)}]}
    shop.objects += [shop.replica_set(name, 2, template), pod]


def blamed(shop: Any) -> list[tuple[str, Mechanism, str | None]]:
    (finding,) = shop.find("unschedulable")
    assert str(finding.subject) == CART
    best = max((h.strength for h in finding.suggests), default=0)
    return [(str(h.subject), h.mechanism, h.field) for h in finding.suggests if h.strength == best]


NEW: list[tuple[str, dict[str, Any], Mechanism, str]] = [
    (
        "1 node(s) didn't match Pod's node affinity/selector",
        {"nodeSelector": {"disk": "nvme"}},
        Mechanism.SCHEDULING_NODE_SELECTOR,
        "nodeSelector",
    ),
    (
        "1 node(s) didn't match Pod's node affinity/selector",
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["x"]}]}
                        ]
                    }
                }
            }
        },
        Mechanism.SCHEDULING_NODE_SELECTOR,
        "affinity.nodeAffinity",
    ),
    (
        "1 node(s) didn't match pod anti-affinity rules",
        {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}},
        Mechanism.SCHEDULING_ANTI_AFFINITY,
        "affinity.podAntiAffinity",
    ),
    (
        "1 node(s) didn't match pod topology spread constraints",
        {"topologySpreadConstraints": [{"maxSkew": 1}]},
        Mechanism.SCHEDULING_ANTI_AFFINITY,
        "topologySpreadConstraints",
    ),
    (
        "1 node(s) didn't have free ports for the requested pod ports",
        {"containers": [{"name": "cart", "ports": [{"containerPort": 1, "hostPort": 80}]}]},
        Mechanism.SCHEDULING_HOST_PORT,
        "containers[cart].ports",
    ),
    (
        "1 Insufficient cpu",
        {"containers": [{"name": "cart", "resources": {"requests": {"cpu": "3"}}}]},
        Mechanism.SCHEDULING_REQUEST,
        "containers[cart].resources.requests.cpu",
    ),
    (
        "1 Insufficient example.com/gpu",
        {"containers": [{"name": "cart", "resources": {"limits": {"example.com/gpu": "1"}}}]},
        Mechanism.ACCELERATOR_SHAPE,
        "containers[cart].resources.limits[example.com/gpu]",
    ),
]


@pytest.mark.parametrize(("text", "spec", "mechanism", "path"), NEW, ids=[path for *_, path in NEW])
def test_what_a_workload_asks_for_anew_is_its_own(
    shop: Any, text: str, spec: dict[str, Any], mechanism: Mechanism, path: str
) -> None:
    shop.get("Node", "n1")["status"] = {"allocatable": {"cpu": "4", "memory": "8Gi"}}
    pending(shop, text, **spec)
    assert blamed(shop) == [(CART, mechanism, f"{SPEC}.{path}")]


def test_a_lost_toleration_is_the_workloads_and_a_new_taint_the_nodes(shop: Any) -> None:
    node = shop.get("Node", "n1")
    node["spec"] = {"taints": [TAINT, {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}
    pending(shop, "1 node(s) had untolerated taint(s)", tolerations=[])
    assert blamed(shop) == [("Node//n1", Mechanism.SCHEDULING_TAINT, "spec.taints[team]")]
    former = shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]
    former["tolerations"] = [{"key": "team", "operator": "Exists"}]
    assert blamed(shop) == [(CART, Mechanism.SCHEDULING_TAINT, f"{SPEC}.tolerations")]


def test_a_taint_that_the_cluster_set_speaks_for_the_nodes_illness(shop: Any) -> None:
    taint = {"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"}
    shop.get("Node", "n1").update(spec={"taints": [taint]}, status={})
    pending(shop, "1 node(s) had untolerated taint(s)")
    assert blamed(shop) == []
    shop.get("Node", "n1")["status"] = {"conditions": [{"type": "MemoryPressure", "status": "True"}]}
    assert blamed(shop) == [("Node//n1", Mechanism.NODE_MEMORY_PRESSURE, None)]


def test_cordoned_nodes_are_blamed_unless_the_workload_asks_for_something_new(shop: Any) -> None:
    shop.get("Node", "n1")["spec"] = {"unschedulable": True}
    pending(shop, "1 node(s) were unschedulable")
    assert blamed(shop) == [("Node//n1", Mechanism.SCHEDULING_CORDON, "spec.unschedulable")]


def test_a_full_cluster_is_only_a_hint_at_the_request(shop: Any) -> None:
    shop.get("Node", "n1")["status"] = {"allocatable": {"cpu": "4"}}
    pending(shop, "1 Insufficient cpu")
    (finding,) = shop.find("unschedulable")
    assert [(h.mechanism, h.strength) for h in finding.suggests] == [(Mechanism.SCHEDULING_REQUEST, 0.5)]


def test_whoever_pushed_others_out_is_blamed(shop: Any) -> None:
    shop.get("Node", "n1")["status"] = {"allocatable": {"cpu": "4"}}
    pending(shop, "1 Insufficient cpu")
    uid = "5d6ef509-4481-40b6-83b2-ca3276b71af9"
    pusher = shop.get("Pod", "web-1-a")
    pusher["metadata"]["uid"] = uid
    pusher["spec"] |= {"priority": 1000, "priorityClassName": "high", "nodeName": "n1"}
    event = {
        "kind": "Event",
        "metadata": {"namespace": "shop", "name": "e"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "cart-1-a"},
        "reason": "Preempted",
        "message": f"Preempted by pod {uid} on node n1",
        "lastTimestamp": rfc3339(shop.now - 60),
    }
    shop.objects.append(event)
    found = [("Deployment/shop/web", Mechanism.SCHEDULING_PREEMPTION, f"{SPEC}.priorityClassName")]
    assert blamed(shop) == found
    event["message"] = "Preempted by a pod on node n1"
    assert blamed(shop) == found


def test_others_that_keep_apart_and_holders_of_a_port(shop: Any) -> None:
    web = shop.get("Deployment", "web")["spec"]["template"]["spec"]
    rule = {"labelSelector": {"matchLabels": {"app": "cart"}}, "topologyKey": "zone"}
    web["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [rule]}}
    web["containers"][0]["ports"][0]["hostPort"] = 80
    shop.container("cart")["ports"][0]["hostPort"] = 80
    shop.get("ReplicaSet", "cart-1")["spec"]["template"] = copy.deepcopy(
        shop.get("Deployment", "cart")["spec"]["template"]
    )
    pending(shop, "1 node(s) didn't satisfy existing pods anti-affinity rules", priorityClassName="x")
    assert blamed(shop) == [
        ("Deployment/shop/web", Mechanism.SCHEDULING_ANTI_AFFINITY, f"{SPEC}.affinity.podAntiAffinity")
    ]
    condition = shop.get("Pod", "cart-2-b")["status"]["conditions"][0]
    condition["message"] = said("1 node(s) didn't have free ports for the requested pod ports")
    assert blamed(shop) == [("Deployment/shop/web", Mechanism.SCHEDULING_HOST_PORT, None)]


def test_pods_of_a_cron_job_are_told_together(shop: Any) -> None:
    pod = shop.pod("cart", shop.get("Deployment", "cart")["spec"]["template"], "c")
    pod["metadata"]["ownerReferences"] = [{"kind": "Job", "name": "night-1", "controller": True}]
    pod["metadata"]["labels"] = {}
    pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "message": said("1 Insufficient cpu")}]
    owner = {"kind": "CronJob", "name": "night", "controller": True}
    job = {"kind": "Job", "metadata": {"namespace": "shop", "name": "night-1", "ownerReferences": [owner]}, "spec": {}}
    shop.objects += [pod, job]
    assert [str(f.subject) for f in shop.find("unschedulable")] == ["CronJob/shop/night"]


@pytest.mark.parametrize(
    ("toleration", "holds"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "team", "operator": "Exists"}, True),
        ({"key": "team", "value": "data"}, True),
        ({"key": "team", "value": "web"}, False),
        ({"key": "team", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_tolerations(toleration: dict[str, str], holds: bool) -> None:
    assert tolerates({"tolerations": [toleration]}, TAINT) == holds


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [
        ("In", ["ssd"], True),
        ("NotIn", ["ssd"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
        ("Gt", ["1"], False),
        ("Unheard", [], False),
    ],
)
def test_required_node_affinity(operator: str, values: list[str], holds: bool) -> None:
    term = {"matchExpressions": [{"key": "disk", "operator": operator, "values": values}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
    node = {"metadata": {"name": "n1", "labels": {"disk": "ssd"}}}
    assert is_chosen({"affinity": affinity}, node) == holds


def test_what_a_pod_asks_for() -> None:
    small, large = {"requests": {"cpu": "100m"}}, {"limits": {"cpu": "1"}}
    containers = [{"name": "a", "resources": small}, {"name": "b", "resources": small}]
    assert requested({"containers": containers}, "cpu") == pytest.approx(0.2)
    assert requested({"containers": containers, "initContainers": [{"name": "i", "resources": large}]}, "cpu") == 1
    assert requested({"containers": [{"name": "a", "resources": {"requests": {"cpu": "much"}}}]}, "cpu") == 0
    assert host_ports({"containers": [{"name": "a", "ports": [{"containerPort": 1}]}]}) == []
