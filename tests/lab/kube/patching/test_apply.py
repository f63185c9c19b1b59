"""Server-side apply: owners, conflicts, giving up; and who owns what after updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.patching.compare import compare, fields_in
from aiops.lab.kube.patching.fieldmerge import merged, without
from aiops.lab.kube.patching.fieldset import difference, has, intersection, members, shown, union
from aiops.lab.kube.patching.merging import merging_of

Make = Callable[..., Manifest]

POD = merging_of("v1", "Pod")
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap"}


def config(name: str = "one", **data: str) -> Manifest:
    return {**CONFIG, "metadata": {"name": name, "namespace": "default"}, **({"data": data} if data else {})}


def owners(manifest: Manifest) -> dict[tuple[str, str], Any]:
    entries = manifest["metadata"].get("managedFields") or ()
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in entries}


def test_an_applier_owns_what_it_names(store: ObjectStore) -> None:
    made, is_new = store.apply(config(x="1", y="1"), manager="alice")
    assert is_new
    assert owners(made) == {("alice", "Apply"): {"f:data": {"f:x": {}, "f:y": {}}}}
    again, is_new = store.apply(config(x="1", y="1"), manager="alice")
    assert (again is made or again == made, is_new) == (True, False), "nothing changes, not even a time"


def test_what_others_have_conflicts_until_it_is_forced(store: ObjectStore) -> None:
    store.apply(config(x="1", y="1"), manager="alice")
    with pytest.raises(ApiError) as refused:
        store.apply(config(x="2", y="2"), manager="bob")
    assert str(refused.value) == 'Apply failed with 2 conflicts: conflicts with "alice":\n- .data.x\n- .data.y'
    causes = refused.value.body()["details"]["causes"]
    assert causes[0] == {"reason": "FieldManagerConflict", "message": 'conflict with "alice"', "field": ".data.x"}
    forced, _ = store.apply(config(x="2"), manager="bob", force=True)
    assert forced["data"] == {"x": "2", "y": "1"}
    assert owners(forced)["alice", "Apply"] == {"f:data": {"f:y": {}}}


def test_what_is_given_up_goes_unless_others_have_it(store: ObjectStore) -> None:
    store.apply(config(x="1", y="1"), manager="alice")
    store.apply(config(x="1"), manager="bob")
    left, _ = store.apply(config(), manager="alice")
    assert left["data"] == {"x": "1"}
    assert ("alice", "Apply") not in owners(left)
    gone, _ = store.apply(config(), manager="bob")
    assert "data" not in gone
    assert "managedFields" not in gone["metadata"]


def test_an_update_takes_fields_from_appliers(store: ObjectStore) -> None:
    store.apply(config(x="1", y="1"), manager="alice")
    changed = store.update(config(x="7", y="1"), manager="dave")
    assert owners(changed) == {
        ("alice", "Apply"): {"f:data": {"f:y": {}}},
        ("dave", "Update"): {"f:data": {"f:x": {}}},
    }
    with pytest.raises(ApiError, match=r'conflict with "dave" using v1: \.data\.x'):
        store.apply(config(x="1", y="1"), manager="alice")


def test_kubectl_takes_over_what_client_side_apply_has_set(store: ObjectStore) -> None:
    last = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"x":"1"}}'
    made = config(x="1")
    made["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": last}
    store.create(made, manager="kubectl-client-side-apply")
    with pytest.raises(ApiError):
        store.apply(config(x="2"), manager="other")
    taken, _ = store.apply(config(x="2"), manager="kubectl")
    assert taken["data"] == {"x": "2"}
    assert '"x":"2"' in taken["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]


def test_entries_are_cleared_and_the_first_apply_names_what_was_there(store: ObjectStore) -> None:
    made = store.create(config(x="1"), manager="m")
    bare = store.update({**made, "metadata": {**made["metadata"], "managedFields": []}}, manager="m")
    assert "managedFields" not in bare["metadata"]
    assert "managedFields" not in store.update(config(x="2"), manager="m")["metadata"], "nobody is written down again"
    applied, _ = store.apply(config(y="1"), manager="alice")
    assert owners(applied)["before-first-apply", "Update"] == {"f:data": {".": {}, "f:x": {}}}


def test_too_many_updaters_become_one(store: ObjectStore) -> None:
    data = {"k00": "v"}
    store.create(config(**data), manager="m00")
    for number in range(1, 12):
        data[f"k{number:02}"] = "v"
        store.update(config(**data), manager=f"m{number:02}")
    entries = owners(store.get("ConfigMap", "default", "one"))
    assert len(entries) == 10
    assert set(entries["ancient-changes", "Update"]["f:data"]) == {".", "f:k00", "f:k01", "f:k02"}


def test_a_status_has_an_entry_of_its_own_and_only_the_time_moves(store: ObjectStore, clock: Any) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "kube-system"}}
    store.create({**pod, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}, manager="kubectl")
    status = {"conditions": [{"type": "Ready", "status": "True", "lastProbeTime": None}]}
    found = store.update({**pod, "status": status}, manager="kubelet", subresource="status")
    (entry,) = (each for each in found["metadata"]["managedFields"] if each["manager"] == "kubelet")
    assert entry["subresource"] == "status"
    clock.now += 60
    status = {"conditions": [{"type": "Ready", "status": "False", "lastProbeTime": None}]}
    found = store.update({**pod, "status": status}, manager="kubelet", subresource="status")
    (later,) = (each for each in found["metadata"]["managedFields"] if each["manager"] == "kubelet")
    assert later["time"] > entry["time"]
    assert later["fieldsV1"] is entry["fieldsV1"], "sets that are equal are one object"


def test_equal_writes_leave_equal_entries(make_deployment: Make, store: ObjectStore) -> None:
    one = store.create(make_deployment("one"), manager="m")["metadata"]["managedFields"]
    two = store.create(make_deployment("one") | {"metadata": {"name": "two"}}, manager="m")["metadata"]["managedFields"]
    assert one == two


# ---- sets and merges by themselves

names = st.sampled_from("abc")
containers = st.lists(
    st.fixed_dictionaries({"name": names, "image": st.sampled_from(["x", "y"])}),
    max_size=3,
    unique_by=lambda c: c["name"],
)
pods = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries({}, optional={"labels": st.dictionaries(names, names, max_size=2)}),
        "spec": st.fixed_dictionaries(
            {}, optional={"containers": containers, "nodeName": names, "tolerations": st.lists(st.just({}), max_size=2)}
        ),
    },
)


@given(pods, pods)
def test_what_a_comparison_names_tells_two_objects_apart(old: Any, new: Any) -> None:
    changed, removed = compare(old, new, POD)
    assert (not changed and not removed) == (old == new)
    assert not intersection(changed, removed)
    for path in members(changed):
        assert shown(path)


@given(pods, pods)
def test_what_was_merged_is_there(live: Any, wanted: Any) -> None:
    both = merged(live, wanted, POD)
    assert merged(both, wanted, POD) == both
    assert compare(both, merged(both, wanted, POD), POD) == ({}, {})


@given(pods, pods, pods)
def test_sets_are_sets(a: Any, b: Any, c: Any) -> None:
    one, two, three = (fields_in(each, POD) for each in (a, b, c))
    assert union(one, one) is one
    assert set(members(union(one, two))) == set(members(one)) | set(members(two))
    assert set(members(difference(one, two))) == set(members(one)) - set(members(two))
    assert set(members(intersection(one, two))) == set(members(one)) & set(members(two))
    assert set(members(union(union(one, two), three))) == set(members(union(one, union(two, three))))
    assert all(has(one, path) for path in members(one))


@given(pods)
def test_nothing_is_left_without_all_fields(value: Any) -> None:
    left = without(value, fields_in(value, POD), POD)
    assert not fields_in(left or {}, POD) or left is not None
