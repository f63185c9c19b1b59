"""Watches, by the generator and over a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import orjson
import pytest
from starlette.applications import Starlette

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.storage.watch import WatchOptions, watch
from aiops.lab.serving import Served

Make = Callable[..., Manifest]
HEADERS = {"authorization": "Bearer admin"}
PATH = "/api/v1/namespaces/default/configmaps"


def _options(revision: int | None, **more: Any) -> WatchOptions:
    defaults = {"namespace": "default", "matches": lambda item: True, "timeout": 0.05}
    return WatchOptions(resource=Catalog().stored("ConfigMap"), revision=revision, **{**defaults, **more})


async def _seen(store: ObjectStore, options: WatchOptions) -> list[tuple[str, str]]:
    return [(kind, item["metadata"].get("name", "")) async for kind, item in watch(store, options)]


async def test_writes_since_a_revision_come_in_order(store: ObjectStore, make_config_map: Make) -> None:
    start = store.revision
    store.create(make_config_map("a"), manager="m")
    store.create({**make_config_map("b"), "metadata": {"name": "b", "namespace": "kube-system"}}, manager="m")
    store.update(make_config_map("a", x="1"), manager="m")
    store.delete("ConfigMap", "default", "a")
    assert await _seen(store, _options(start)) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


async def test_without_a_revision_what_is_there_comes_first(store: ObjectStore, make_config_map: Make) -> None:
    store.create(make_config_map("a"), manager="m")
    assert await _seen(store, _options(None)) == [("ADDED", "a")]
    events = [event async for event in watch(store, _options(None, initial_events=True, bookmarks=True))]
    assert [kind for kind, _ in events][:2] == ["ADDED", "BOOKMARK"]
    assert events[1][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_an_object_that_starts_or_stops_to_match(store: ObjectStore, make_config_map: Make) -> None:
    def matches(item: Manifest) -> bool:
        return (item["metadata"].get("labels") or {}).get("on") == "1"

    start = store.revision
    store.create(make_config_map("a"), manager="m")
    store.update(make_config_map("a", labels={"on": "1"}), manager="m")
    store.update(make_config_map("a", labels={"on": "1"}, x="1"), manager="m")
    store.update(make_config_map("a"), manager="m")
    store.delete("ConfigMap", "default", "a")
    events = await _seen(store, _options(start, matches=matches))
    assert events == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


async def test_a_stream_that_fell_behind_ends_with_an_error(
    store: ObjectStore, make_config_map: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.history, "_size", 100)
    stream = watch(store, _options(store.revision, timeout=600.0))
    store.create(make_config_map("a"), manager="m")
    assert (await anext(stream))[0] == "ADDED"
    for index in range(101):
        store.update(make_config_map("a", n=str(index)), manager="m")
    kind, status = await anext(stream)
    assert (kind, status["code"], status["reason"]) == ("ERROR", 410, "Expired")


@pytest.fixture
async def address(app: Starlette) -> AsyncIterator[str]:
    async with Served(app) as url:
        yield url


async def test_over_a_connection(address: str, store: ObjectStore, make_config_map: Make) -> None:
    async with httpx2.AsyncClient(base_url=address, headers=HEADERS) as client:
        query = {"watch": "1", "resourceVersion": str(store.revision), "timeoutSeconds": "1"}
        async with client.stream("GET", PATH, params=query) as answer:
            lines = answer.aiter_lines()
            store.create(make_config_map("a"), manager="m")
            first = orjson.loads(await anext(lines))
            store.delete("ConfigMap", "default", "a")
            second = orjson.loads(await anext(lines))
            rest = [line async for line in lines]
    assert (first["type"], second["type"], rest) == ("ADDED", "DELETED", [])
    assert first["object"]["kind"] == "ConfigMap"
    assert int(second["object"]["metadata"]["resourceVersion"]) > int(first["object"]["metadata"]["resourceVersion"])


async def test_tables_over_a_connection(address: str, store: ObjectStore, make_config_map: Make) -> None:
    store.create(make_config_map("a"), manager="m")
    accept = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    async with (
        httpx2.AsyncClient(base_url=address, headers={**HEADERS, **accept}) as client,
        client.stream("GET", PATH, params={"watch": "1", "timeoutSeconds": "1"}) as answer,
    ):
        event = orjson.loads(await anext(answer.aiter_lines()))
    assert event["object"]["kind"] == "Table"
    assert event["object"]["rows"][0]["cells"][:2] == ["a", 0]


async def test_a_revision_that_is_too_old(address: str, store: ObjectStore, make_config_map: Make) -> None:
    store.create(make_config_map("a"), manager="m")
    for index in range(20_001):
        store.update(make_config_map("a", n=str(index)), manager="m")
    async with httpx2.AsyncClient(base_url=address, headers=HEADERS) as client:
        answer = await client.get(PATH, params={"watch": "1", "resourceVersion": "1"})
    event = answer.json()
    assert (answer.status_code, event["type"], event["object"]["code"]) == (200, "ERROR", 410)
    assert event["object"]["reason"] == "Expired"
