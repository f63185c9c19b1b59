"""The Kubernetes client against the lab's API server, and against answers that it does not give."""

from __future__ import annotations

import httpx2
import orjson
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.core.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError, ServiceError

CONFIG = Entity(kind="ConfigMap", namespace="hotel", name="settings")


def config(name="settings", namespace="hotel", **data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data or {"a": "1"},
    }


def client(script, answer, **more):
    made = script(answer)
    return made, KubernetesClient.at("http://k8s", transport=made.transport, **more)


async def test_round_trip(kube):
    made = await kube.create(config())
    assert made["metadata"]["uid"]
    assert (await kube.get(CONFIG))["data"] == {"a": "1"}
    made["data"] = {"a": "2"}
    assert (await kube.replace(made))["data"] == {"a": "2"}
    patched = await kube.patch(CONFIG, {"data": {"b": "3"}}, "merge")
    assert patched["data"] == {"a": "2", "b": "3"}
    await kube.delete(CONFIG, uid=made["metadata"]["uid"])
    with pytest.raises(NotFoundError, match="settings"):
        await kube.get(CONFIG)


async def test_json_patch(kube):
    await kube.create(config())
    patched = await kube.patch(CONFIG, [{"op": "replace", "path": "/data/a", "value": "9"}], "json")
    assert patched["data"] == {"a": "9"}


async def test_dry_runs_write_nothing(kube):
    await kube.create(config(), dry_run=True)
    assert all(item["metadata"]["name"] != "settings" for item in await kube.list("ConfigMap", "hotel"))
    await kube.create(config())
    assert (await kube.patch(CONFIG, {"data": {"a": "2"}}, "merge", dry_run=True))["data"] == {"a": "2"}
    await kube.delete(CONFIG, dry_run=True)
    assert (await kube.get(CONFIG))["data"] == {"a": "1"}


async def test_writes_carry_the_field_manager(kube):
    made = await kube.create(config())
    assert made["metadata"]["managedFields"][0]["manager"] == "aiops"


async def test_stale_writes_and_wrong_uids_conflict(kube):
    made = await kube.create(config())
    await kube.patch(CONFIG, {"data": {"a": "2"}}, "merge")
    with pytest.raises(ConflictError):
        await kube.replace({**made, "data": {"a": "3"}})
    with pytest.raises(ConflictError):
        await kube.delete(CONFIG, uid="somebody-else")
    with pytest.raises(ConflictError):
        await kube.create(config())


async def test_lists_are_named_filtered_and_complete(kube, monkeypatch):
    monkeypatch.setattr("aiops.clients.kubernetes.PAGE", 3)
    for index in range(10):
        manifest = config(f"c{index}", "other")
        manifest["metadata"]["labels"] = {"odd": str(index % 2)}
        await kube.create(manifest)
    items = [item for item in await kube.list("ConfigMap", "other") if item["metadata"]["name"].startswith("c")]
    assert [item["metadata"]["name"] for item in items] == [f"c{index}" for index in range(10)]
    assert {item["kind"] for item in items} == {"ConfigMap"}
    assert {item["apiVersion"] for item in items} == {"v1"}
    assert len(await kube.list("ConfigMap", "other", labels="odd=1")) == 5
    assert len(await kube.list("ConfigMap", fields="metadata.name=c3")) == 1


async def test_a_list_whose_page_token_is_too_old_is_read_at_once(script):
    def answer(request):
        query = request.url.params
        if "continue" in query:
            return httpx2.Response(410, json={"message": "too old"})
        if "limit" in query:
            return httpx2.Response(200, json={"items": [{"n": 1}], "metadata": {"continue": "x"}})
        return httpx2.Response(200, json={"items": [{"n": 1}, {"n": 2}], "metadata": {"resourceVersion": "7"}})

    _, kube = client(script, answer)
    listing = await kube.listing("Pod")
    assert [item["n"] for item in listing.items] == [1, 2]
    assert listing.resource_version == "7"


async def test_heads_are_all_objects_without_what_they_hold(kube, monkeypatch):
    monkeypatch.setattr("aiops.clients.kubernetes.PAGE", 2)
    made = [await kube.create(config(f"settings-{number}")) for number in range(5)]
    heads = await kube.heads("ConfigMap", "hotel")
    found = {Entity.of(head): head["metadata"]["resourceVersion"] for head in heads}
    assert {Entity.of(item): item["metadata"]["resourceVersion"] for item in made}.items() <= found.items()
    assert all(head.keys() == {"kind", "metadata"} for head in heads)


async def test_an_empty_list_may_be_null(script):
    _, kube = client(script, lambda _: httpx2.Response(200, json={"items": None, "metadata": {}}))
    assert await kube.list("Pod") == []


async def test_access_reviews(kube, kube_of_nobody):
    assert (await kube.can("patch", "apps", "deployments", namespace="hotel"))[0]
    allowed, _ = await kube_of_nobody.can("patch", "apps", "deployments", namespace="hotel")
    assert not allowed
    with pytest.raises(DeniedError, match="nobody"):
        await kube_of_nobody.list("Pod", "hotel")


async def test_unknown_kinds_are_discovered_once(script):
    def answer(request):
        documents = {
            "/apis": {"groups": [{"preferredVersion": {"groupVersion": "acme.io/v1"}}]},
            "/api/v1": {"resources": []},
            "/apis/acme.io/v1": {
                "resources": [
                    {"name": "widgets", "kind": "Widget", "namespaced": True},
                    {"name": "widgets/status", "kind": "Widget", "namespaced": True},
                ]
            },
            "/apis/acme.io/v1/namespaces/hotel/widgets/w": {"metadata": {"name": "w", "namespace": "hotel"}},
        }
        body = documents.get(request.url.path)
        return httpx2.Response(200, json=body) if body is not None else httpx2.Response(404, json={"message": "no"})

    made, kube = client(script, answer)
    found = await kube.get(Entity(kind="Widget", namespace="hotel", name="w"))
    assert (found["kind"], found["apiVersion"]) == ("Widget", "acme.io/v1")
    asked = len(made.requests)
    await kube.get(Entity(kind="Widget", namespace="hotel", name="w"))
    assert len(made.requests) == asked + 1
    with pytest.raises(InvalidInputError, match="no kind 'Gadget'"):
        await kube.list("Gadget")


async def test_objects_go_where_their_version_says(script):
    def answer(request):
        if request.url.path == "/apis/acme.io/v2":
            return httpx2.Response(
                200, json={"resources": [{"name": "ingresses", "kind": "Ingress", "namespaced": True}]}
            )
        return httpx2.Response(200, content=request.content)

    made, kube = client(script, answer)
    meta = {"name": "a", "namespace": "b"}
    await kube.create({"apiVersion": "acme.io/v2", "kind": "Ingress", "metadata": meta})
    await kube.create({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": meta})
    paths = [request.url.path for request in made.requests if request.method == "POST"]
    assert paths == [
        "/apis/acme.io/v2/namespaces/b/ingresses",
        "/apis/autoscaling/v1/namespaces/b/horizontalpodautoscalers",
    ]


async def test_logs_ask_for_times(script):
    made, kube = client(script, lambda _: httpx2.Response(200, text="2026-01-01T00:00:00Z hi\n"))
    text = await kube.logs(
        Entity(kind="Pod", namespace="hotel", name="p"), container="c", since_seconds=0, tail=5, previous=True
    )
    assert text.endswith("hi\n")
    assert dict(made.requests[0].url.params) == {
        "timestamps": "true",
        "container": "c",
        "sinceSeconds": "1",
        "tailLines": "5",
        "previous": "true",
    }


def stream(*events):
    return httpx2.Response(200, content=b"".join(orjson.dumps(event) + b"\n" for event in events))


async def test_watches(script):
    item = {"metadata": {"name": "a", "resourceVersion": "5"}}
    made, kube = client(
        script, lambda _: stream({"type": "ADDED", "object": item}, {"type": "BOOKMARK", "object": item})
    )
    events = [event async for event in kube.watch("Pod", "hotel", resource_version="4")]
    assert [verb for verb, _ in events] == ["ADDED", "BOOKMARK"]
    assert events[0][1]["kind"] == "Pod"
    params = made.requests[0].url.params
    assert params["resourceVersion"] == "4"
    assert params["allowWatchBookmarks"] == "true"


@pytest.mark.parametrize("inside", [True, False])
async def test_a_watch_from_too_long_ago_says_gone(script, inside):
    status = {"kind": "Status", "code": 410, "message": "too old resource version"}
    answer = stream({"type": "ERROR", "object": status}) if inside else httpx2.Response(410, json=status)
    _, kube = client(script, lambda _: answer)
    with pytest.raises(ServiceError, match="too old") as caught:
        async for _ in kube.watch("Pod", resource_version="1"):
            pass
    assert caught.value.status == 410


async def test_a_watch_event_that_is_no_event_is_an_error(script):
    _, kube = client(script, lambda _: httpx2.Response(200, content=b"\nnonsense\n"))
    with pytest.raises(ServiceError, match="not readable: 'nonsense'"):
        async for _ in kube.watch("Pod"):
            pass
