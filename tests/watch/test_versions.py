"""The store of versions."""

from __future__ import annotations

import sqlite3

import pytest

from aiops.core.changes import FieldChange
from aiops.core.entity import Entity
from aiops.core.errors import ConfigurationError
from aiops.watch.versions import BASELINE, Version, VersionStore


def entity(name="x", namespace="a", kind="ConfigMap"):
    return Entity(kind=kind, namespace=namespace, name=name)


def version(at, value, verb="updated", name="x", namespace="a"):
    state = None if value is None else {"data": value}
    fields = (FieldChange(path="data", old=None, new=value),)
    return Version(entity(name, namespace), at, verb, "ann", state, fields)


@pytest.fixture
def store(tmp_path):
    store = VersionStore(tmp_path / "deep" / "v.db")
    yield store
    store.close()


def test_versions_by_time(store):
    store.add([version(10, "a", BASELINE), version(20, "b"), version(30, None, "deleted")])
    assert store.before(entity(), 10) is None
    assert store.before(entity(), 11).state == {"data": "a"}
    assert store.before(entity(), 20).state == {"data": "a"}
    assert store.before(entity(), 25).state == {"data": "b"}
    assert store.before(entity(), 31).state is None
    assert store.latest(entity()).verb == "deleted"
    assert store.latest(entity("other")) is None


def test_changes_are_newest_first_and_bounded_by_window_and_namespace(store):
    store.add([version(10, "a", BASELINE), version(20, "b"), version(30, "c"), version(40, "d", namespace="z")])
    assert [change.at for change in store.changes(0, 100, ())] == [40, 30, 20]
    assert [change.at for change in store.changes(20, 30, ())] == [30, 20]
    assert [change.at for change in store.changes(0, 100, ("z", "y"))] == [40]
    assert store.changes(0, 100, ())[1].fields == (FieldChange(path="data", old=None, new="c"),)


def test_present_objects(store):
    store.add([version(1, "a", name="x"), version(2, "b", name="y"), version(3, None, "deleted", name="x")])
    store.add([version(4, "c", name="x", namespace="z")])
    assert store.present("ConfigMap", "a") == [entity("y")]
    assert store.present("ConfigMap", "") == [entity("y"), entity("x", "z")]
    assert store.present("Secret", "") == []


def test_scopes_keep_their_first_time(store):
    assert store.since("Node", "") is None
    store.begin("Node", "", 5)
    store.begin("Node", "", 9)
    assert store.since("Node", "") == 5
    assert store.since("Node", "a") == 5
    assert store.since("Pod", "a") is None


def test_retention_keeps_what_was_in_force_at_the_cutoff(store):
    store.add([version(at, str(at)) for at in (10, 20, 30, 40)] + [version(5, "old", name="y")])
    store.forget(25, 100)
    assert store.before(entity(), 25).state == {"data": "20"}
    assert store.before(entity(), 15) is None
    assert store.latest(entity("y")).state == {"data": "old"}


def test_retention_by_number_never_drops_the_newest(store):
    store.add([version(at, str(at)) for at in range(10)] + [version(5, "old", name="y")])
    store.forget(0, 3)
    assert [change.at for change in store.changes(0, 100, ())] == [9, 8, 5]
    store.forget(0, 0)
    assert store.latest(entity()).at == 9
    assert store.latest(entity("y")).at == 5


def test_versions_are_added_all_or_none(store):
    broken = Version(entity(), float("nan"), "updated", None, {}, ())  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.add([version(1, "a"), broken])
    assert store.latest(entity()) is None


def test_the_file_is_read_again(tmp_path):
    first = VersionStore(tmp_path / "v.db")
    first.add([version(1, "a")])
    first.close()
    second = VersionStore(tmp_path / "v.db")
    assert second.latest(entity()).state == {"data": "a"}
    second.close()


def test_a_damaged_database_is_a_clear_error(tmp_path):
    (tmp_path / "changes.db").write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigurationError, match=r"changes\.db cannot be used"):
        VersionStore(tmp_path / "changes.db")


def test_the_database_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "changes.db"
    store = VersionStore(path)
    assert {item.name: item.stat().st_mode & 0o777 for item in tmp_path.iterdir()} == dict.fromkeys(
        ["changes.db", "changes.db-wal", "changes.db-shm"], 0o600
    )
    store.close()
