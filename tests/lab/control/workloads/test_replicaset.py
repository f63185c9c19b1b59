"""ReplicaSets and ReplicationControllers: whose pods they are, which go first, what stops them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.correlator import COMBINED
from aiops.lab.control.workloads.batches import in_batches
from aiops.lab.control.workloads.deletion_rank import DELETION_COST, by_deletion_rank, deletion_cost
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import owners

NOW = 1_780_000_000.0


def _set(lab: Any, replicas: int = 2, kind: str = "ReplicaSet", **spec: Any) -> Manifest:
    labels = {"app": "r"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    version = "apps/v1" if kind == "ReplicaSet" else "v1"
    selector = {"matchLabels": labels} if kind == "ReplicaSet" else labels
    made: Manifest = lab.create(
        version, kind, "r", spec={"replicas": replicas, "selector": selector, "template": template, **spec}
    )
    return made


def _pod(lab: Any, name: str, **labels: str) -> Manifest:
    meta = {"name": name, "namespace": "default", "labels": labels}
    spec = {"containers": [{"name": "app", "image": "app:1"}]}
    made: Manifest = lab.store.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}, manager="test"
    )
    return made


def test_a_stray_pod_that_matches_is_taken_in(lab: Any) -> None:
    _pod(lab, "stray", app="r")
    lab.settle()
    _set(lab)
    lab.settle()
    assert len(lab.pods("r")) == 2
    (owner,) = owners(lab.store.get("Pod", "default", "stray"))
    assert (owner["kind"], owner["controller"], owner["blockOwnerDeletion"]) == ("ReplicaSet", True, True)


def test_one_too_many_that_comes_later_goes_again(lab: Any) -> None:
    _set(lab)
    lab.settle()
    _pod(lab, "late", app="r")
    lab.settle()
    assert len(lab.pods("r")) == 2


def test_a_pod_that_loses_its_label_is_let_go_and_replaced(lab: Any) -> None:
    _set(lab)
    lab.settle()
    name = lab.pods("r")[0]["metadata"]["name"]
    lab.edit("Pod", name, lambda pod: pod["metadata"]["labels"].update(app="free"))
    lab.settle()
    assert len(lab.pods("r")) == 2
    assert list(owners(lab.store.get("Pod", "default", name))) == []


def test_two_sets_with_one_selector_leave_each_other_alone(lab: Any) -> None:
    first = _set(lab)
    lab.create("apps/v1", "ReplicaSet", "other", spec={**first["spec"], "replicas": 3})
    lab.settle()
    found = [next(iter(owners(pod)))["name"] for pod in lab.pods("r")]
    assert sorted(found) == ["other"] * 3 + ["r"] * 2


def test_a_quota_stops_it_and_it_says_so(lab: Any) -> None:
    lab.create("v1", "ResourceQuota", "few", spec={"hard": {"pods": "2"}})
    lab.settle()
    _set(lab, replicas=4)
    lab.ticks(12)
    status = lab.status("ReplicaSet", "r")
    (entry,) = status["conditions"]
    assert (entry["type"], entry["status"], entry["reason"]) == ("ReplicaFailure", "True", "FailedCreate")
    refused = "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2"
    assert entry["message"].endswith(refused)
    assert status["replicas"] == 2
    failures = [message for reason, message, _ in lab.events("r") if reason == "FailedCreate"]
    assert all(message.removeprefix(COMBINED).startswith("Error creating: pods ") for message in failures)
    assert len(failures) == 10
    assert sum(message.startswith(COMBINED) for message in failures) == 1
    lab.store.delete("ResourceQuota", "default", "few")
    lab.edit("ReplicaSet", "r", lambda item: item["metadata"].update(annotations={"touched": "yes"}))
    lab.settle(200)
    assert lab.status("ReplicaSet", "r")["readyReplicas"] == 4
    assert "conditions" not in lab.status("ReplicaSet", "r")


def test_a_deployment_tells_that_its_pods_are_refused(lab: Any) -> None:
    lab.create("v1", "ResourceQuota", "few", spec={"hard": {"pods": "1"}})
    lab.settle()
    lab.deploy(replicas=3)
    lab.ticks(5)
    assert lab.conditions("Deployment", "web")["ReplicaFailure"] == ("True", "FailedCreate")


def test_a_replication_controller_is_as_good(lab: Any) -> None:
    _set(lab, kind="ReplicationController")
    lab.settle()
    status = lab.status("ReplicationController", "r")
    assert (status["readyReplicas"], status["observedGeneration"]) == (2, 1)
    assert "terminatingReplicas" not in status
    lab.edit("ReplicationController", "r", lambda item: item["spec"].update(replicas=0))
    lab.settle()
    assert lab.pods("r") == []


def test_pods_that_end_count_as_terminating(lab: Any) -> None:
    _set(lab)
    lab.settle()
    lab.edit("ReplicaSet", "r", lambda item: item["spec"].update(replicas=1))
    lab.control.step()
    assert lab.status("ReplicaSet", "r")["terminatingReplicas"] == 1
    lab.settle()
    assert lab.status("ReplicaSet", "r")["terminatingReplicas"] == 0


# ---- which pods go first


def _ranked(name: str, *, node: str = "n", phase: str = "Running", ready: float | None = 0.0, **more: Any) -> Manifest:
    conditions = []
    if ready is not None:
        conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": rfc3339(NOW - ready)}]
    statuses = [{"name": "app", "restartCount": more.get("restarts", 0)}]
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "creationTimestamp": rfc3339(NOW - more.get("age", 10_000)),
            "annotations": {DELETION_COST: more["cost"]} if "cost" in more else {},
        },
        "spec": {"nodeName": node} if node else {},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": statuses},
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_ranked("b", node=""), _ranked("a", phase="Pending", ready=None)),
        (_ranked("b", phase="Pending", ready=None), _ranked("a", phase="Unknown", ready=None)),
        (_ranked("b", ready=None), _ranked("a")),
        (_ranked("b", cost="-5"), _ranked("a")),
        (_ranked("b", ready=10), _ranked("a", ready=10_000)),
        (_ranked("b", restarts=3, ready=100), _ranked("a", ready=100)),
        (_ranked("b", ready=100, age=200), _ranked("a", ready=100, age=20_000)),
    ],
)
def test_who_goes_first(first: Manifest, second: Manifest) -> None:
    for pods in ([first, second], [second, first]):
        assert [pod["metadata"]["name"] for pod in by_deletion_rank(pods, [], NOW)] == ["b", "a"]


def test_a_node_with_many_siblings_loses_one_first() -> None:
    pods = [_ranked("a", node="alone"), _ranked("b", node="crowded")]
    siblings = [*pods, _ranked("c", node="crowded")]
    assert by_deletion_rank(pods, siblings, NOW)[0]["metadata"]["name"] == "b"


@pytest.mark.parametrize(
    ("text", "cost"), [("10", 10), ("-3", -3), ("+7", 7), ("1.5", 0), ("x", 0), ("01", 0), ("99999999999", 0)]
)
def test_a_cost_is_an_integer_or_nothing(text: str, cost: int) -> None:
    assert deletion_cost(_ranked("a", cost=text)) == cost


@given(st.lists(st.booleans(), max_size=40))
def test_batches_double_and_end_with_the_first_that_fails(works: list[bool]) -> None:
    tried: list[int] = []

    def work(index: int) -> None:
        tried.append(index)
        if not works[index]:
            raise ApiError(403, "Forbidden", f"{index}")

    failure = in_batches(range(len(works)), work)
    assert tried == list(range(len(tried)))
    if failure is None:
        assert all(works)
        assert len(tried) == len(works)
    else:
        first = works.index(False)
        assert str(failure) == str(first)
        assert len(tried) <= 2 * first + 2


def test_all_pods_of_a_look_have_the_same_managers(lab: Any) -> None:
    lab.deploy(replicas=3)
    lab.control.step()
    entries = [pod["metadata"]["managedFields"][0] for pod in lab.store.objects("Pod")]
    assert len(entries) == 3
    assert entries[0] == entries[1] == entries[2]
    alike = {key: value for key, value in lab.store.objects("Pod")[0].items() if key != "status"}
    metadata = {key: alike["metadata"][key] for key in ("labels", "ownerReferences", "namespace", "generateName")}
    spec = lab.store.objects("ReplicaSet")[0]["spec"]["template"]["spec"]
    again = lab.store.create({**alike, "metadata": metadata, "spec": spec}, manager="kube-controller-manager")
    assert again["metadata"]["managedFields"] == [entries[0]]
