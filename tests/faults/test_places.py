"""Nodes: which of them admit pods, which can be emptied, and what is tied to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.places import (
    CORDONED,
    admits,
    claims_of,
    empty,
    homes,
    node_entity,
    nodes_in_use,
    nodes_that_can_be_emptied,
    nodes_with_claims,
    runs_on,
)
from aiops.lab.kube import ObjectStore
from tests.faults.conftest import made

TAINT = {"key": "dedicated", "value": "batch", "effect": "NoSchedule"}
CLAIM = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-0"}}]


def node(name: str, labels: dict[str, str] | None = None, *taints: dict[str, str]) -> dict[str, Any]:
    spec = {"taints": list(taints)} if taints else {}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels or {}}, "spec": spec}


def put_pod(store: ObjectStore, name: str, on: str, *, ready: bool = True, **spec: Any) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "u-1", "controller": True}
    pod = made("Pod", name, spec={"nodeName": on, "containers": [{"name": "web", "image": "web:1.0.0"}], **spec})
    pod["metadata"]["ownerReferences"] = [owner]
    stored = store.create(pod, manager="kubelet")
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    return store.update({**stored, "status": {"conditions": conditions}}, manager="kubelet", subresource="status")


@pytest.fixture
def target(kube: KubernetesClient, store: ObjectStore) -> DirectTarget:
    for each in (node("a"), node("b"), node("c", {"tier": "fast"}, TAINT)):
        made_node = store.create(each, manager="kubelet")  # which taints it, until it is ready
        store.update({**made_node, "spec": each["spec"]}, manager="kubelet")
    return DirectTarget(kube)


async def test_nodes_are_in_use_where_ready_pods_run(target: DirectTarget, store: ObjectStore) -> None:
    put_pod(store, "web-1", "b")
    put_pod(store, "web-2", "a", ready=False)
    assert await nodes_in_use(target, "shop") == [node_entity("b")]


async def test_a_node_with_a_claim_cannot_be_emptied(target: DirectTarget, store: ObjectStore) -> None:
    put_pod(store, "web-1", "a")
    put_pod(store, "db-0", "b", volumes=CLAIM)
    assert await nodes_with_claims(target, "shop") == [node_entity("b")]
    assert await nodes_that_can_be_emptied(target, "shop") == [node_entity("a")]


async def test_emptying_a_node_leaves_nothing_that_could_go(target: DirectTarget, store: ObjectStore) -> None:
    put_pod(store, "web-1", "a")
    assert await runs_on(target, "shop", node_entity("a"))
    await empty(target, node_entity("a"))
    assert not await runs_on(target, "shop", node_entity("a"))
    assert store.get("Node", "", "a")["spec"]["unschedulable"] is True


async def test_pods_are_at_home_where_they_are_admitted(target: DirectTarget, store: ObjectStore) -> None:
    pod = put_pod(store, "web-1", "a")
    assert await homes(target, [pod]) == [node_entity("a"), node_entity("b")]


async def test_pods_with_claims_are_at_home_where_they_are(target: DirectTarget, store: ObjectStore) -> None:
    pod = put_pod(store, "db-0", "b", volumes=CLAIM)
    assert claims_of(pod) == ("data-0",)
    assert await homes(target, [pod]) == [node_entity("b")]


async def test_no_pods_have_no_home(target: DirectTarget) -> None:
    with pytest.raises(NotPossibleError):
        await homes(target, [])


@pytest.mark.parametrize(
    ("toleration", "admitted"),
    [
        ({"key": "dedicated", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "dedicated", "value": "batch", "effect": "NoSchedule"}, True),
        ({"key": "dedicated", "value": "web"}, False),
        ({"key": "dedicated", "value": "batch", "effect": "NoExecute"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ],
)
def test_a_taint_admits_who_tolerates_it(toleration: dict[str, str], admitted: bool) -> None:
    assert admits(node("c", None, TAINT), {"tolerations": [toleration]}) is admitted


def test_a_cordon_and_a_wish_keep_nobody_away() -> None:
    wish = {**TAINT, "effect": "PreferNoSchedule"}
    assert admits(node("c", None, wish, {"key": CORDONED, "effect": "NoSchedule"}), {})


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")),
    st.dictionaries(st.sampled_from("abc"), st.just("x")),
)
def test_a_selector_admits_nodes_that_carry_all_of_it(labels: dict[str, str], wanted: dict[str, str]) -> None:
    admitted = admits(node("a", labels), {"nodeSelector": wanted})
    assert admitted is all(labels.get(key) == value for key, value in wanted.items())
