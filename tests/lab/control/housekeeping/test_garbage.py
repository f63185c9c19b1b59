"""Owners and what they own, in every way in which either can go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import owners, uid_of
from aiops.lab.kube.storage.deletion import DeleteOptions

NAMES = "abcde"


def _reference(owner: Manifest, *, block: bool = True) -> dict[str, Any]:
    metadata = owner["metadata"]
    named = {"apiVersion": "v1", "kind": owner["kind"], "name": metadata["name"], "uid": metadata["uid"]}
    return {**named, "blockOwnerDeletion": block}


def _map(lab: Any, name: str, *references: dict[str, Any], namespace: str = "default", **metadata: Any) -> Manifest:
    meta = {"name": name, "namespace": namespace, **metadata}
    if references:
        meta["ownerReferences"] = list(references)
    made: Manifest = lab.store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}, manager="test")
    return made


def _there(lab: Any, name: str) -> bool:
    return lab.store.find("ConfigMap", "default", name) is not None


def test_an_owner_of_another_namespace_is_none_and_told_of(lab: Any) -> None:
    lab.create("v1", "Namespace", "far")
    far = _map(lab, "far", namespace="far")
    _map(lab, "near", _reference(far))
    lab.settle()
    assert not _there(lab, "near")
    ((reason, message, _),) = lab.events("near")
    assert reason == "OwnerRefInvalidNamespace"
    where = f"[v1/ConfigMap, namespace: default, name: far, uid: {uid_of(far)}]"
    assert message == f'ownerRef {where} does not exist in namespace "default"'


def test_an_owner_of_an_unknown_kind_is_left_alone(lab: Any) -> None:
    reference = {"apiVersion": "example.com/v1", "kind": "Nothing", "name": "x", "uid": "1"}
    _map(lab, "child", reference)
    lab.settle()
    assert _there(lab, "child")


def test_an_owner_of_the_same_name_made_anew_is_another(lab: Any) -> None:
    owner = _map(lab, "owner")
    lab.store.delete("ConfigMap", "default", "owner")
    _map(lab, "owner")
    _map(lab, "child", _reference(owner))
    lab.settle()
    assert not _there(lab, "child")


def test_a_dependent_that_does_not_block_is_not_waited_for(lab: Any) -> None:
    owner = _map(lab, "owner")
    _map(lab, "child", _reference(owner, block=False), finalizers=["example.com/keep"])
    lab.store.delete("ConfigMap", "default", "owner", DeleteOptions(propagation="Foreground"))
    lab.settle()
    assert not _there(lab, "owner")
    assert "deletionTimestamp" in lab.store.get("ConfigMap", "default", "child")["metadata"]


def test_one_that_blocks_is(lab: Any) -> None:
    owner = _map(lab, "owner")
    _map(lab, "child", _reference(owner), finalizers=["example.com/keep"])
    lab.store.delete("ConfigMap", "default", "owner", DeleteOptions(propagation="Foreground"))
    lab.settle()
    assert _there(lab, "owner")
    lab.edit("ConfigMap", "child", lambda item: item["metadata"].pop("finalizers"))
    lab.settle()
    assert not _there(lab, "owner")


def test_two_that_own_each_other_do_not_wait_for_ever(lab: Any) -> None:
    first = _map(lab, "first")
    second = _map(lab, "second", _reference(first))
    lab.edit("ConfigMap", "first", lambda item: item["metadata"].update(ownerReferences=[_reference(second)]))
    lab.store.delete("ConfigMap", "default", "first", DeleteOptions(propagation="Foreground"))
    lab.settle()
    assert not _there(lab, "first")
    assert not _there(lab, "second")


@pytest.mark.parametrize("propagation", ["Background", "Foreground", "Orphan"])
def test_a_chain(lab: Any, propagation: str) -> None:
    owner = _map(lab, "a")
    for name in "bcd":
        owner = _map(lab, name, _reference(owner))
    lab.store.delete("ConfigMap", "default", "a", DeleteOptions(propagation=propagation))
    lab.settle()
    left = [name for name in "abcd" if _there(lab, name)]
    assert left == (["b", "c", "d"] if propagation == "Orphan" else [])


graphs = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans()), max_size=8)
deletions = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["Background", "Foreground", "Orphan"])), max_size=4
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs, deletions)
def test_whatever_owns_whatever_it_comes_to_rest(
    make_lab: Any, edges: list[tuple[str, str, bool]], removed: list[tuple[str, str]]
) -> None:
    """In the end nobody waits, and whoever has owners has at least one that is there."""
    lab = make_lab(nodes=0)
    made = {name: _map(lab, name) for name in NAMES}
    for child, owner, block in edges:
        there = lab.store.get("ConfigMap", "default", child)
        if child != owner and all(each["uid"] != uid_of(made[owner]) for each in owners(there)):
            references = [*owners(there), _reference(made[owner], block=block)]
            lab.edit("ConfigMap", child, lambda item, r=references: item["metadata"].update(ownerReferences=r))
    for name, propagation in removed:
        if _there(lab, name):
            lab.store.delete("ConfigMap", "default", name, DeleteOptions(propagation=propagation))
    lab.settle()
    left = {name: lab.store.get("ConfigMap", "default", name) for name in NAMES if _there(lab, name)}
    for item in left.values():
        assert "deletionTimestamp" not in item["metadata"]
        assert all(each["name"] in left for each in owners(item))
