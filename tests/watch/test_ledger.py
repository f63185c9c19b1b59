"""Versions from lists and events, in any order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.analysis.changes.attribution import Write, last_write
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.moments import created_at
from aiops.watch.ledger import Ledger
from aiops.watch.versions import VersionStore

NOW = 1_790_000_000.0
ENTITY = Entity(kind="ConfigMap", namespace="a", name="x")


def item(version, value, at=None, manager="ann"):
    fields = [] if at is None else [{"manager": manager, "operation": "Update", "time": rfc3339(at)}]
    return {
        "kind": "ConfigMap",
        "metadata": {"name": "x", "namespace": "a", "resourceVersion": str(version), "managedFields": fields},
        "data": {"k": value},
    }


@pytest.fixture
def store(tmp_path):
    store = VersionStore(tmp_path / "v.db")
    yield store
    store.close()


def ledger_at(store, now=NOW):
    ledger = Ledger(store, lambda: now)
    ledger.listed("ConfigMap", "a", [])
    return ledger


def test_the_newest_write_of_desired_state_counts():
    manifest = item(1, "v", NOW, "ann")
    manifest["metadata"]["managedFields"] += [
        {"manager": "kubelet", "time": rfc3339(NOW + 9), "subresource": "status"},
        {"manager": "kube-controller-manager", "time": rfc3339(NOW)},
        {"manager": "old", "time": rfc3339(NOW - 9)},
        {"manager": "timeless"},
    ]
    assert last_write(manifest) == Write(NOW, "ann")
    assert last_write({"metadata": {}}) is None
    assert created_at({"metadata": {"creationTimestamp": rfc3339(NOW)}}) == NOW


def written_by(*writes):
    return {"metadata": {"managedFields": [{"manager": name, "time": rfc3339(at)} for name, at in writes]}}


def test_controllers_that_follow_a_write_are_not_its_author():
    controllers = "kube-controller-manager"
    assert last_write(written_by(("ann", NOW), (controllers, NOW))) == Write(NOW, "ann")
    assert last_write(written_by(("ann", NOW), (controllers, NOW + 5))) == Write(NOW, "ann")
    assert last_write(written_by(("bob", NOW - 3), ("ann", NOW), (controllers, NOW + 5))) == Write(NOW, "ann")
    assert last_write(written_by(("ann", NOW), (controllers, NOW + 600))) == Write(NOW + 600, controllers)
    assert last_write(written_by((controllers, NOW))) == Write(NOW, controllers)


def test_a_writer_without_managed_fields_gets_the_time_of_the_clock(store):
    ledger = ledger_at(store, NOW + 100)
    ledger.changed(item(1, "a", NOW, "ann"))
    ledger.changed(item(2, "b", NOW - 50, "long-ago"))
    newest = store.changes(0, 1e12, ())[0]
    assert (newest.at, newest.actor) == (NOW + 100, "")


def test_events_out_of_order_change_nothing(store):
    ledger = ledger_at(store)
    ledger.listed("ConfigMap", "a", [item(5, "e", NOW)])
    ledger.changed(item(3, "c", NOW))
    assert store.latest(ENTITY).state["data"] == {"k": "e"}
    assert len(store.changes(0, 1e12, ())) == 1


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from("abc"), min_size=1, max_size=8),
    relist=st.lists(st.booleans(), min_size=8, max_size=8),
    repeat=st.lists(st.integers(1, 3), min_size=8, max_size=8),
)
def test_lists_and_repeated_events_give_each_change_once(tmp_path_factory, values, relist, repeat):
    store = VersionStore(tmp_path_factory.mktemp("ledger") / "v.db")
    ledger = Ledger(store, lambda: NOW)
    ledger.listed("ConfigMap", "a", [item(1, "start", NOW)])
    expected, last = [], "start"
    for index, value in enumerate(values):
        seen = item(index + 2, value, NOW + index)
        for _ in range(repeat[index]):
            ledger.changed(seen)
        if relist[index]:
            ledger.listed("ConfigMap", "a", [seen])
        if value != last:
            expected.append((last, value))
        last = value
    got = [(c.fields[0].old, c.fields[0].new) for c in reversed(store.changes(0, 1e12, ()))]
    store.close()
    assert got == expected


def test_what_is_gone_from_the_list_was_deleted_once(store):
    ledger = ledger_at(store)
    ledger.changed(item(1, "a", NOW))
    ledger.listed("ConfigMap", "a", [])
    ledger.deleted(ENTITY)
    assert [change.verb for change in store.changes(0, 1e12, ())] == ["deleted", "created"]
    ledger.changed(item(9, "b", NOW + 1))
    assert store.changes(0, 1e12, ())[0].verb == "created"
