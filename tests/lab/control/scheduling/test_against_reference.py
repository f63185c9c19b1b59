"""On small random clusters the scheduler puts each pod where a slow reference says that it fits, or nowhere if there is
no such node; no node is ever given more than it has."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.amounts import amounts, pod_requests
from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.cycle import Finder
from tests.lab.control.scheduling.reference import fitting

ZONE = "topology.kubernetes.io/zone"
READY = [{"type": "Ready", "status": "True"}]

nodes = st.lists(
    st.fixed_dictionaries(
        {
            "cpu": st.integers(1, 4),
            "pods": st.integers(1, 5),
            "zone": st.sampled_from(["a", "b", ""]),
            "disk": st.sampled_from(["ssd", ""]),
            "taint": st.booleans(),
            "cordoned": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)
pods = st.lists(
    st.fixed_dictionaries(
        {
            "app": st.sampled_from(["x", "y"]),
            "cpu": st.sampled_from(["", "500m", "1", "2"]),
            "ssd": st.booleans(),
            "tolerates": st.booleans(),
            "port": st.sampled_from([0, 0, 80]),
            "spread": st.sampled_from(["", "", ZONE, "kubernetes.io/hostname"]),
            "apart": st.sampled_from(["", "", ZONE, "kubernetes.io/hostname"]),
        }
    ),
    min_size=1,
    max_size=8,
)


def _node(index: int, drawn: dict[str, Any]) -> Manifest:
    labels = {"kubernetes.io/hostname": f"n{index}"}
    labels |= {key: value for key, value in ((ZONE, drawn["zone"]), ("disk", drawn["disk"])) if value}
    spec: Manifest = {"taints": [{"key": "own", "effect": "NoSchedule"}]} if drawn["taint"] else {}
    if drawn["cordoned"]:
        spec["unschedulable"] = True
    have = {"cpu": str(drawn["cpu"]), "memory": "8Gi", "pods": str(drawn["pods"])}
    status = {"allocatable": have, "capacity": have, "conditions": READY}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"n{index}", "labels": labels},
        "spec": spec,
        "status": status,
    }


def _pod(index: int, drawn: dict[str, Any]) -> Manifest:
    container: Manifest = {"name": "c", "image": "i:1"}
    if drawn["cpu"]:
        container["resources"] = {"requests": {"cpu": drawn["cpu"]}}
    if drawn["port"]:
        container["ports"] = [{"containerPort": drawn["port"], "hostPort": drawn["port"]}]
    spec: Manifest = {"containers": [container]}
    wanted = {"labelSelector": {"matchLabels": {"app": drawn["app"]}}}
    if drawn["ssd"]:
        spec["nodeSelector"] = {"disk": "ssd"}
    if drawn["tolerates"]:
        spec["tolerations"] = [{"key": "own", "operator": "Exists"}]
    if drawn["spread"]:
        constraint = {"maxSkew": 1, "topologyKey": drawn["spread"], "whenUnsatisfiable": "DoNotSchedule", **wanted}
        spec["topologySpreadConstraints"] = [constraint]
    if drawn["apart"]:
        term = {"topologyKey": drawn["apart"], **wanted}
        spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    metadata = {"name": f"p{index}", "namespace": "default", "labels": {"app": drawn["app"]}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes, pods)
def test_it_finds_what_the_reference_finds(make_lab: Any, drawn: list[dict[str, Any]], wanted: list[Any]) -> None:
    lab = make_lab(nodes=0)
    for index, each in enumerate(drawn):
        lab.store.create(_node(index, each), manager="test")
        node = lab.store.get("Node", "", f"n{index}")
        lab.store.update({**_node(index, each), "metadata": node["metadata"]}, manager="test")
    cache = ClusterCache(lab.store)
    finder = Finder(lab.store, cache)
    placed: list[Manifest] = []
    cluster = lab.store.objects("Node")
    for index, each in enumerate(wanted):
        pod = lab.store.create(_pod(index, each), manager="test")
        possible = fitting(pod, cluster, placed)
        attempt = finder.attempt(pod)
        alone = {name for name in attempt.candidates() if attempt.refuse(name) is None}
        assert alone == possible
        found = finder.find(finder.attempt(pod))
        assert (found in possible) if possible else not found
        if found:
            pod = {**pod, "spec": {**pod["spec"], "nodeName": found}}
            cache.assume(pod, found)
            placed.append(pod)
    for node in cluster:
        here = [pod for pod in placed if pod["spec"]["nodeName"] == node["metadata"]["name"]]
        have = amounts(node["status"]["allocatable"])
        assert sum(pod_requests(pod).get("cpu", 0) for pod in here) <= have["cpu"]
        assert len(here) <= have["pods"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["add", "drop", "cordon", "wait"]), st.integers(0, 5)), max_size=14))
def test_a_cluster_that_changes_is_never_over_committed(make_lab: Any, steps: list[tuple[str, int]]) -> None:
    lab = make_lab()
    for number, (what, value) in enumerate(steps):
        if what == "add":
            lab.deploy(f"d{number}", replicas=value, container={"resources": {"requests": {"cpu": "900m"}}})
        elif what == "drop" and len(lab.pods()) > value:
            lab.store.delete("Pod", "default", lab.pods()[value]["metadata"]["name"])
        elif what == "cordon":
            name = f"node-{value % 3}"
            cordoned = {"unschedulable": value % 2 == 0}
            lab.edit("Node", name, lambda node, spec=cordoned: node["spec"].update(spec), namespace="")
        lab.ticks()
        for node in lab.store.objects("Node"):
            here = [pod for pod in lab.pods() if pod["spec"].get("nodeName") == node["metadata"]["name"]]
            have = amounts(node["status"]["allocatable"])["cpu"]
            assert sum(pod_requests(pod).get("cpu", 0) for pod in here) <= have
    for index in range(3):
        lab.edit("Node", f"node-{index}", lambda node: node["spec"].pop("unschedulable", None), namespace="")
    lab.settle(200)
    free = [
        amounts(node["status"]["allocatable"])["cpu"]
        - sum(
            pod_requests(pod).get("cpu", 0)
            for pod in lab.pods()
            if pod["spec"].get("nodeName") == node["metadata"]["name"]
        )
        for node in lab.store.objects("Node")
    ]
    waiting = [pod for pod in lab.pods() if not pod["spec"].get("nodeName")]
    assert not waiting or max(free) < 900, "what fits is not left waiting"
