"""Garbage collection, namespaces, nodes, events, queues."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.queue import WorkQueue
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.storage.deletion import DeleteOptions

# ---- garbage


def test_orphans_stay(lab: Any) -> None:
    lab.deploy(replicas=2)
    lab.settle()
    lab.store.delete("Deployment", "default", "web", DeleteOptions(propagation="Orphan"))
    lab.settle()
    (replica_set,) = lab.store.objects("ReplicaSet", "default")
    assert "ownerReferences" not in replica_set["metadata"]
    assert lab.store.find("Deployment", "default", "web") is None
    assert lab.words() == ["Running", "Running"]


def test_foreground_deletion_waits_for_what_is_owned(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.settle()
    lab.store.delete("Deployment", "default", "web", DeleteOptions(propagation="Foreground"))
    lab.control.step()
    assert lab.store.get("Deployment", "default", "web")["metadata"]["finalizers"] == ["foregroundDeletion"]
    lab.settle()
    assert lab.store.find("Deployment", "default", "web") is None
    assert lab.pods() == []


def _owned(lab: Any, name: str, *owners: Manifest) -> None:
    references = [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
        for owner in owners
    ]
    lab.store.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "ownerReferences": references}},
        manager="test",
    )


def test_the_last_owner_decides(lab: Any) -> None:
    first, second = (lab.create("v1", "ConfigMap", name) for name in ("one", "two"))
    _owned(lab, "child", first, second)
    lab.store.delete("ConfigMap", "default", "one")
    lab.settle()
    (reference,) = lab.store.get("ConfigMap", "default", "child")["metadata"]["ownerReferences"]
    assert reference["name"] == "two"
    lab.store.delete("ConfigMap", "default", "two")
    lab.settle()
    assert lab.store.find("ConfigMap", "default", "child") is None


def test_what_names_an_owner_that_never_was_goes(lab: Any) -> None:
    lab.settle()
    _owned(lab, "child", {"metadata": {"name": "ghost", "uid": "0"}})
    lab.settle()
    assert lab.store.find("ConfigMap", "default", "child") is None


# ---- namespaces


def test_a_namespace_comes_with_an_account_and_goes_with_all_it_holds(lab: Any) -> None:
    lab.create("v1", "Namespace", "shop")
    lab.settle()
    assert lab.store.find("ServiceAccount", "shop", "default") is not None
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}}
    lab.store.create({**pod, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}, manager="test")
    lab.settle()
    lab.store.delete("Namespace", "", "shop")
    lab.control.step()
    assert lab.store.get("Namespace", "", "shop")["status"]["phase"] == "Terminating"
    with pytest.raises(ApiError, match="because it is being terminated"):
        lab.store.create({**pod, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}, manager="test")
    lab.settle()
    assert lab.store.find("Namespace", "", "shop") is None
    assert lab.store.objects("Pod", "shop") == []


# ---- nodes


def test_a_node_reports_and_beats(lab: Any) -> None:
    lab.settle()
    assert lab.conditions("Node", "node-0", namespace="")["Ready"] == ("True", "KubeletReady")
    status = lab.store.get("Node", "", "node-0")["status"]
    assert status["capacity"]["pods"] == "110"
    first = status["conditions"][0]
    lab.ticks(70)
    later = lab.store.get("Node", "", "node-0")["status"]["conditions"][0]
    assert later["lastHeartbeatTime"] > first["lastHeartbeatTime"]
    assert later["lastTransitionTime"] == first["lastTransitionTime"]


def test_what_a_manifest_says_of_a_node_stands(make_lab: Any) -> None:
    lab = make_lab(nodes=0)
    addresses = [{"type": "InternalIP", "address": "10.9.9.9"}]
    lab.create("v1", "Node", "big", status={"capacity": {"cpu": "64"}, "addresses": addresses})
    lab.deploy(replicas=1)
    lab.settle()
    status = lab.store.get("Node", "", "big")["status"]
    assert (status["capacity"]["cpu"], status["allocatable"]["cpu"], status["addresses"]) == ("64", "64", addresses)
    assert lab.pods()[0]["status"]["hostIP"] == "10.9.9.9"


# ---- events


def test_events_repeat_by_counting_and_go_after_an_hour(lab: Any) -> None:
    lab.processes.missing["app:1"] = "no such image"
    lab.deploy(replicas=1)
    lab.ticks(40)
    (event,) = [event for event in lab.store.objects("Event") if event["reason"] == "BackOff"]
    assert event["count"] > 1
    assert event["lastTimestamp"] > event["firstTimestamp"]
    assert event["source"]["component"] == "kubelet"
    lab.store.delete("Deployment", "default", "web")
    lab.ticks(800)
    assert lab.store.objects("Event") == []


# ---- queues

moments = st.floats(0, 100)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | moments), max_size=20), moments)
def test_a_queue_gives_each_key_once_and_when_due(added: list[tuple[str, float | None]], now: float) -> None:
    queue: WorkQueue[tuple[str, str]] = WorkQueue()
    for name, moment in added:
        if moment is None:
            queue.add(("", name))
        else:
            queue.add_at(("", name), moment)
    taken = queue.take(now)
    assert len(taken) == len(set(taken))
    assert set(taken) == {("", name) for name, moment in added if moment is None or moment <= now}
    assert set(queue.take(1000.0)) == {("", name) for name, moment in added if moment is not None and moment > now}
    assert queue.take(1000.0) == []


# ---- writes that are refused


def test_a_workload_with_a_long_name_stops_nobody_else(lab: Any) -> None:
    lab.deploy("a" * 250, replicas=2)
    lab.deploy("web", replicas=2)
    lab.ticks(5)
    assert lab.words("web") == ["Running", "Running"]
    (replica_set,) = [item for item in lab.store.objects("ReplicaSet") if item["metadata"]["name"].startswith("aaa")]
    assert len(replica_set["metadata"]["name"]) == 253
