"""The quota of the database: what it counts, what is refused, what goes on."""

from __future__ import annotations

from contextlib import suppress

import orjson
import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.storage.deletion import DeleteOptions
from tests.lab.kube.conftest import Api

NO_SPACE = "etcdserver: mvcc: database space exceeded"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


def config(name: str, size: int = 2000) -> Manifest:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"text": "x" * size}}


def filled(store: ObjectStore) -> list[str]:
    """The names of the ConfigMaps that there was room for."""
    store.space.quota = store.space.used + 50_000
    names = []
    for number in range(100):
        with suppress(ApiError):
            store.create(config(f"c-{number}"), manager="test")
            names.append(f"c-{number}")
    return names


def test_what_is_used_is_the_size_of_all_that_is_stored(store: ObjectStore) -> None:
    before = store.space.used
    made = store.create(config("one"), manager="test")
    assert store.space.used == before + len(orjson.dumps(made))
    longer = store.update({**made, "data": {"text": "x" * 5000}}, manager="test")
    assert store.space.used == before + len(orjson.dumps(longer))
    store.create(config("two"), manager="test", dry_run=True)
    store.delete("ConfigMap", "default", "one")
    assert store.space.used == before


def test_a_full_database_takes_no_writes_until_there_is_room(store: ObjectStore) -> None:
    names = filled(store)
    assert 15 <= len(names) <= 25
    present = store.get("ConfigMap", "default", names[0])
    with pytest.raises(ApiError, match=NO_SPACE):  # not even one that needs less
        store.update({**present, "data": {}}, manager="test")
    assert store.get("ConfigMap", "default", names[0]) == present
    store.space.quota = round(store.space.used / 0.95)
    store.delete("ConfigMap", "default", names[0])
    with pytest.raises(ApiError, match=NO_SPACE):  # one is not enough: the alarm stays
        store.create(config("late", 1), manager="test")
    for name in names[1:]:
        store.delete("ConfigMap", "default", name)
    store.space.quota *= 2
    store.create(config("late", 1), manager="test")


def test_a_refused_write_leaves_no_trace(store: ObjectStore) -> None:
    filled(store)
    revision, used = store.revision, store.space.used
    with pytest.raises(ApiError):
        store.create(config("late"), manager="test")
    assert (store.revision, store.space.used) == (revision, used)
    assert store.find("ConfigMap", "default", "late") is None


def test_a_pod_that_nobody_waits_for_goes_even_then(store: ObjectStore) -> None:
    spec = {"containers": [{"name": "app", "image": "app:1"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"}, "spec": spec}
    store.create(pod, manager="test")
    filled(store)
    store.delete("Pod", "default", "p", DeleteOptions(grace_seconds=0))
    assert store.find("Pod", "default", "p") is None


async def test_the_api_answers_as_a_real_one(store: ObjectStore, api: Api) -> None:
    filled(store)
    status, body = await api("POST", CONFIG_MAPS, config("late"))
    assert status == 500
    assert {key: body.get(key) for key in ("message", "reason", "code")} == {
        "message": NO_SPACE,
        "reason": None,
        "code": 500,
    }
    assert (await api("GET", CONFIG_MAPS))[0] == 200
    assert (await api("DELETE", f"{CONFIG_MAPS}/c-0"))[0] == 200
