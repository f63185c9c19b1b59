"""Pages of one revision, versions, and many writers at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore

Make = Callable[..., Manifest]

PATH = "/api/v1/namespaces/default/configmaps"


def _names(body: Any) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


async def test_a_page_is_of_the_first_ones_revision(api: Any, store: ObjectStore, make_config_map: Make) -> None:
    for name in "abcd":
        store.create(make_config_map(name), manager="m")
    _, first = await api("GET", PATH, limit=2)
    assert (_names(first), first["metadata"]["remainingItemCount"]) == (["a", "b"], 2)
    store.delete("ConfigMap", "default", "c")
    store.create(make_config_map("e"), manager="m")
    store.update(make_config_map("d", x="1"), manager="m")
    _, second = await api("GET", PATH, **{"limit": 2, "continue": first["metadata"]["continue"]})
    assert _names(second) == ["c", "d"]
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}
    assert "data" not in second["items"][1] or second["items"][1]["data"] == {}
    _, selected = await api("GET", PATH, limit=1, labelSelector="!x")
    assert "remainingItemCount" not in selected["metadata"], "with a selector nobody counts"


async def test_a_token_that_is_too_old_comes_with_another(
    api: Any, store: ObjectStore, make_config_map: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.history, "_size", 100)
    for name in "abc":
        store.create(make_config_map(name), manager="m")
    _, first = await api("GET", PATH, limit=1)
    for index in range(101):
        store.update(make_config_map("c", n=str(index)), manager="m")
    store.create(make_config_map("d"), manager="m")
    token = first["metadata"]["continue"]
    status, refused = await api("GET", PATH, **{"limit": 1, "continue": token})
    assert (status, refused["reason"]) == (410, "Expired")
    assert refused["message"].startswith("The provided continue parameter is too old to display a consistent list")
    _, rest = await api("GET", PATH, **{"continue": refused["metadata"]["continue"]})
    assert _names(rest) == ["b", "c", "d"], "the other token goes on with the present"


async def test_a_list_of_an_exact_revision(api: Any, store: ObjectStore, make_config_map: Make) -> None:
    made = store.create(make_config_map("a", x="1"), manager="m")
    then = made["metadata"]["resourceVersion"]
    store.update(make_config_map("a", x="2"), manager="m")
    store.create(make_config_map("b"), manager="m")
    _, body = await api("GET", PATH, resourceVersion=then, resourceVersionMatch="Exact")
    assert [(item["metadata"]["name"], item["data"]) for item in body["items"]] == [("a", {"x": "1"})]
    assert body["metadata"]["resourceVersion"] == then
    _, body = await api("GET", PATH, resourceVersion=then, resourceVersionMatch="NotOlderThan")
    assert _names(body) == ["a", "b"]


def test_a_snapshot_undoes_every_kind_of_write(store: ObjectStore, make_config_map: Make) -> None:
    for name in "abc":
        store.create(make_config_map(name), manager="m")
    then, before = store.revision, store.objects("ConfigMap")
    store.delete("ConfigMap", "default", "b")
    store.create(make_config_map("b", new="1"), manager="m")
    store.delete("ConfigMap", "default", "a")
    store.create(make_config_map("d"), manager="m")
    assert store.objects_at("ConfigMap", then) == before
    assert store.objects_at("ConfigMap", then, "default", after=("default", "a")) == before[1:]


async def test_no_update_is_lost(api: Any, store: ObjectStore, make_config_map: Make) -> None:
    store.create(make_config_map("counter", n="0"), manager="m")
    tries = 0

    async def count(times: int) -> None:
        nonlocal tries
        for _ in range(times):
            while True:
                tries += 1
                _, found = await api("GET", f"{PATH}/counter")
                await asyncio.sleep(0)
                found["data"]["n"] = str(int(found["data"]["n"]) + 1)
                status, body = await api("PUT", f"{PATH}/counter", found)
                if status == 200:
                    break
                assert (status, body["reason"]) == (409, "Conflict")

    await asyncio.gather(*(count(5) for _ in range(8)))
    assert store.get("ConfigMap", "default", "counter")["data"] == {"n": "40"}
    assert tries > 40, "some of them met"


async def test_patches_of_many_do_not_undo_each_other(api: Any, store: ObjectStore, make_config_map: Make) -> None:
    store.create(make_config_map("shared"), manager="m")
    media = "application/merge-patch+json"
    await asyncio.gather(*(api.patch(f"{PATH}/shared", {"data": {f"k{i}": "v"}}, media) for i in range(30)))
    assert len(store.get("ConfigMap", "default", "shared")["data"]) == 30
