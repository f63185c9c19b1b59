"""The API over HTTP: verbs, selectors, paging, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore

Make = Callable[..., Manifest]

DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


@pytest.fixture
def filled(store: ObjectStore, make_config_map: Make) -> ObjectStore:
    for index in range(5):
        tier = "web" if index % 2 else "db"
        store.create(make_config_map(f"cm-{index}", labels={"tier": tier, "n": str(index)}), manager="m")
    return store


def _names(body: Any) -> list[str]:
    return [item["metadata"]["name"] for item in body["items"]]


async def test_create_read_update_delete(api: Any, make_deployment: Make) -> None:
    status, created = await api("POST", DEPLOYMENTS, make_deployment(), fieldManager="me")
    assert status == 201
    assert created["metadata"]["managedFields"][0]["manager"] == "me"
    assert await api("GET", f"{DEPLOYMENTS}/web") == (200, created)
    created["spec"]["replicas"] = 7
    status, updated = await api("PUT", f"{DEPLOYMENTS}/web", created)
    assert (status, updated["spec"]["replicas"], updated["metadata"]["generation"]) == (200, 7, 2)
    owned = {entry["manager"]: entry["fieldsV1"] for entry in updated["metadata"]["managedFields"]}
    assert owned["kubectl"] == {"f:spec": {"f:replicas": {}}}, "the program's name by its user agent"
    status, refused = await api("PUT", f"{DEPLOYMENTS}/web", {**created, "spec": {**created["spec"], "replicas": 1}})
    assert (status, refused["reason"]) == (409, "Conflict")
    assert "the object has been modified" in refused["message"]
    status, _ = await api("DELETE", f"{DEPLOYMENTS}/web")
    assert status == 200
    status, gone = await api("GET", f"{DEPLOYMENTS}/web")
    assert gone == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'deployments.apps "web" not found',
        "reason": "NotFound",
        "details": {"name": "web", "group": "apps", "kind": "deployments"},
        "code": 404,
    }


async def test_lists_do_not_repeat_the_kind(filled: ObjectStore, api: Any) -> None:
    status, body = await api("GET", "/api/v1/configmaps")
    assert (status, body["kind"], body["apiVersion"]) == (200, "ConfigMapList", "v1")
    assert body["metadata"] == {"resourceVersion": str(filled.revision)}
    assert all("kind" not in item for item in body["items"])


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("tier=web", ["cm-1", "cm-3"]),
        ("tier==web", ["cm-1", "cm-3"]),
        ("tier!=web", ["cm-0", "cm-2", "cm-4"]),
        ("tier in (web, db),n notin (0,1)", ["cm-2", "cm-3", "cm-4"]),
        ("tier,!n", []),
        ("nope", []),
        ("!nope", ["cm-0", "cm-1", "cm-2", "cm-3", "cm-4"]),
    ],
)
async def test_label_selectors(filled: ObjectStore, api: Any, selector: str, expected: list[str]) -> None:
    _, body = await api("GET", CONFIG_MAPS, labelSelector=selector)
    assert _names(body) == expected


async def test_field_selectors(filled: ObjectStore, api: Any) -> None:
    _, body = await api("GET", CONFIG_MAPS, fieldSelector="metadata.name=cm-1,metadata.namespace!=other")
    assert _names(body) == ["cm-1"]
    status, body = await api("GET", CONFIG_MAPS, fieldSelector="data.x=1")
    why = '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"'
    assert (status, body["message"]) == (400, why)


async def test_pages(filled: ObjectStore, api: Any) -> None:
    names: list[str] = []
    token, pages = "", 0
    while pages == 0 or token:
        _, body = await api("GET", CONFIG_MAPS, limit="2", **({"continue": token} if token else {}))
        names += _names(body)
        token, pages = body["metadata"].get("continue", ""), pages + 1
    assert (names, pages) == ([f"cm-{index}" for index in range(5)], 3)
    status, body = await api("GET", CONFIG_MAPS, **{"continue": "nonsense"})
    assert (status, body["reason"]) == (400, "BadRequest")


async def test_a_page_goes_on_behind_what_was_deleted(filled: ObjectStore, api: Any) -> None:
    _, first = await api("GET", CONFIG_MAPS, limit="2")
    filled.delete("ConfigMap", "default", "cm-1")
    _, rest = await api("GET", CONFIG_MAPS, **{"continue": first["metadata"]["continue"]})
    assert _names(rest) == ["cm-2", "cm-3", "cm-4"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


async def test_patches_by_content_type(api: Any, make_deployment: Make) -> None:
    await api("POST", DEPLOYMENTS, make_deployment())
    path = f"{DEPLOYMENTS}/web"
    container = {"name": "app", "env": [{"name": "A", "value": "1"}]}
    _, body = await api.patch(path, {"spec": {"template": {"spec": {"containers": [container]}}}})
    assert body["spec"]["template"]["spec"]["containers"][0]["image"] == "app:1"
    _, body = await api.patch(path, {"metadata": {"labels": {"a": "b"}}}, MERGE)
    assert body["metadata"]["labels"] == {"a": "b"}
    _, body = await api.patch(path, [{"op": "replace", "path": "/spec/replicas", "value": 9}], JSON)
    assert body["spec"]["replicas"] == 9
    status, body = await api.patch(path, {}, "application/nope+json")
    assert (status, body["reason"]) == (415, "UnsupportedMediaType")
    status, body = await api.patch(path, [{"op": "test", "path": "/spec/replicas", "value": 1}], JSON)
    assert (status, body["reason"]) == (422, "Invalid")


async def test_a_patch_may_name_the_revision_that_it_is_for(api: Any, make_deployment: Make) -> None:
    _, created = await api("POST", DEPLOYMENTS, make_deployment())
    body = {"metadata": {"resourceVersion": created["metadata"]["resourceVersion"]}, "spec": {"replicas": 3}}
    assert (await api.patch(f"{DEPLOYMENTS}/web", body, MERGE))[0] == 200
    assert (await api.patch(f"{DEPLOYMENTS}/web", body, MERGE))[0] == 409


async def test_apply_creates_and_merges(api: Any, make_deployment: Make) -> None:
    path = f"{DEPLOYMENTS}/web"
    assert (await api.patch(path, make_deployment(), APPLY))[0] == 422, "an apply needs a manager"
    status, body = await api.patch(path, make_deployment(), APPLY, fieldManager="me")
    assert (status, body["metadata"]["managedFields"][0]["operation"]) == (201, "Apply")
    status, body = await api.patch(path, make_deployment(replicas=4), APPLY, fieldManager="me")
    assert (status, body["spec"]["replicas"]) == (200, 4)
    content = b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 6}\n"
    headers = {"content-type": APPLY}
    status, body = await api("PATCH", path, content=content, headers=headers, fieldManager="me")
    assert (status, body["reason"]) == (422, "Invalid"), "what is applied no more is given up"
    status, body = await api("PATCH", path, content=content, headers=headers, fieldManager="you")
    assert (status, body["reason"]) == (409, "Conflict")
    status, body = await api("PATCH", path, content=content, headers=headers, fieldManager="you", force="true")
    assert (status, body["spec"]["replicas"]) == (200, 6)


async def test_status_and_scale(api: Any, make_deployment: Make) -> None:
    await api("POST", DEPLOYMENTS, make_deployment())
    path = f"{DEPLOYMENTS}/web"
    _, body = await api.patch(f"{path}/status", {"status": {"replicas": 2}, "spec": {"replicas": 99}}, MERGE)
    assert (body["status"], body["spec"]["replicas"]) == ({"replicas": 2}, 2)
    _, scale = await api("GET", f"{path}/scale")
    assert (scale["kind"], scale["spec"], scale["status"]) == (
        "Scale",
        {"replicas": 2},
        {"replicas": 2, "selector": "app=web"},
    )
    scale["spec"]["replicas"] = 5
    assert (await api("PUT", f"{path}/scale", scale))[0] == 200
    assert (await api("PUT", f"{path}/scale", scale))[0] == 409, "the scale read before is stale now"
    _, scale = await api.patch(f"{path}/scale", {"spec": {"replicas": 1}}, MERGE)
    assert scale["spec"]["replicas"] == 1
    _, body = await api("GET", path)
    assert (body["spec"]["replicas"], body["metadata"]["generation"]) == (1, 3)


async def test_a_dry_run_answers_and_stores_nothing(api: Any, store: ObjectStore, make_deployment: Make) -> None:
    before = store.revision
    status, body = await api("POST", DEPLOYMENTS, make_deployment(), dryRun="All")
    assert (status, body["spec"]["strategy"]["type"]) == (201, "RollingUpdate")
    store.create(make_deployment(), manager="m")
    _, body = await api.patch(f"{DEPLOYMENTS}/web", {"spec": {"replicas": 8}}, MERGE, dryRun="All")
    assert body["spec"]["replicas"] == 8
    await api("DELETE", f"{DEPLOYMENTS}/web", dryRun="All")
    assert store.revision == before + 1
    assert (await api("POST", DEPLOYMENTS, make_deployment("b"), dryRun="Some"))[0] == 422


async def test_a_collection_is_deleted_by_selector(filled: ObjectStore, api: Any) -> None:
    status, _ = await api("DELETE", CONFIG_MAPS, labelSelector="tier=web")
    assert status == 200
    assert [item["metadata"]["name"] for item in filled.objects("ConfigMap")] == ["cm-0", "cm-2", "cm-4"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "/api/v1/nopes", None, 404, "NotFound"),
        ("GET", "/apis/apps/v9/deployments", None, 404, "NotFound"),
        ("POST", "/version", {}, 405, "MethodNotAllowed"),
        ("POST", f"{DEPLOYMENTS}/web", {}, 405, "MethodNotAllowed"),
        ("PUT", DEPLOYMENTS, {}, 405, "MethodNotAllowed"),
        ("GET", f"{DEPLOYMENTS}/web/log", None, 404, "NotFound"),
        ("POST", DEPLOYMENTS, [], 400, "BadRequest"),
        ("POST", DEPLOYMENTS, {"kind": "Pod"}, 400, "BadRequest"),
        ("POST", DEPLOYMENTS, {"metadata": {"name": "a", "namespace": "other"}}, 400, "BadRequest"),
        ("POST", DEPLOYMENTS, {"metadata": {"name": "A"}}, 422, "Invalid"),
        ("POST", DEPLOYMENTS, {"metadata": {"name": "a"}}, 422, "Invalid"),
        ("POST", DEPLOYMENTS, {"metadata": {"name": "a"}, "spec": "x"}, 400, "BadRequest"),
        ("POST", DEPLOYMENTS, {"metadata": {"name": "a"}, "spec": {"selector": 3, "template": []}}, 400, "BadRequest"),
        ("GET", f"{CONFIG_MAPS}?limit=x", None, 400, "BadRequest"),
        ("GET", f"{CONFIG_MAPS}?labelSelector=a%20b", None, 400, "BadRequest"),
        ("GET", f"{CONFIG_MAPS}?resourceVersion=x", None, 400, "BadRequest"),
        ("GET", f"{CONFIG_MAPS}?resourceVersion=99999999", None, 504, "Timeout"),
        ("GET", f"{CONFIG_MAPS}?resourceVersionMatch=Exact", None, 422, "Invalid"),
        ("GET", f"{CONFIG_MAPS}?watch=1&sendInitialEvents=true", None, 422, "Invalid"),
    ],
)
async def test_bad_requests(api: Any, method: str, path: str, body: Any, status: int, reason: str) -> None:
    answer, error = await api(method, path, body)
    assert (answer, error["reason"], error["code"], error["kind"]) == (status, reason, status, "Status")


async def test_bodies_that_are_no_json(api: Any) -> None:
    for content, media, status in (
        (b"{", "application/json", 400),
        (b"a: [", "application/yaml", 400),
        (b"x", "text/plain", 415),
        (b"k8s\x00\xff", "application/vnd.kubernetes.protobuf", 400),
    ):
        answer, error = await api("POST", CONFIG_MAPS, content=content, headers={"content-type": media})
        assert (answer, error["kind"]) == (status, "Status"), media


async def test_invalid_objects_name_every_field(api: Any, make_deployment: Make) -> None:
    body = make_deployment()
    body["spec"]["template"]["spec"]["containers"] = [{"ports": [{"containerPort": 0}]}, {"name": "x", "image": "y"}]
    body["spec"]["replicas"] = -1
    status, error = await api("POST", DEPLOYMENTS, body)
    assert status == 422
    assert {cause["field"] for cause in error["details"]["causes"]} == {
        "spec.replicas",
        "spec.template.spec.containers[0].name",
        "spec.template.spec.containers[0].image",
        "spec.template.spec.containers[0].ports[0].containerPort",
    }


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"spec": {"selector": {"matchLabels": {"app": "other"}}}}, "spec.template.metadata.labels"),
        (
            {
                "spec": {
                    "selector": {"matchLabels": {"app": "other"}},
                    "template": {"metadata": {"labels": {"app": "other"}}},
                }
            },
            "spec.selector",
        ),
    ],
)
async def test_a_selector_cannot_change(api: Any, make_deployment: Make, patch: Manifest, field: str) -> None:
    await api("POST", DEPLOYMENTS, make_deployment())
    status, error = await api.patch(f"{DEPLOYMENTS}/web", patch, MERGE)
    assert (status, error["details"]["causes"][0]["field"]) == (422, field)


async def test_discovery(api: Any) -> None:
    _, groups = await api("GET", "/apis")
    assert "apps" in [group["name"] for group in groups["groups"]]
    _, group = await api("GET", "/apis/apps")
    assert group["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
    _, core = await api("GET", "/api/v1")
    names = {entry["name"]: entry for entry in core["resources"]}
    assert names["pods/log"]["verbs"] == ["get"]
    assert names["pods"]["shortNames"] == ["po"]
    assert (await api("GET", "/healthz")) == (200, "ok")
    assert (await api("GET", "/api"))[1]["versions"] == ["v1"]


async def test_services_get_addresses_and_keep_them(api: Any) -> None:
    path = "/api/v1/namespaces/default/services"
    body = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}], "type": "NodePort"}}
    _, created = await api("POST", path, body)
    spec = created["spec"]
    assert spec["clusterIP"].startswith("10.96.")
    assert spec["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80, "nodePort": 30000}]
    _, second = await api("POST", path, {**body, "metadata": {"name": "two"}})
    assert second["spec"]["clusterIP"] != spec["clusterIP"]
    _, replaced = await api("PUT", f"{path}/web", body)
    assert replaced["spec"]["clusterIP"] == spec["clusterIP"]
    status, error = await api.patch(f"{path}/web", {"spec": {"clusterIP": "10.96.9.9"}}, MERGE)
    assert (status, error["details"]["causes"][0]["field"]) == (422, "spec.clusterIPs[0]")


async def test_secrets_take_plain_text(api: Any) -> None:
    body = {"metadata": {"name": "s"}, "stringData": {"password": "sesame"}}
    _, created = await api("POST", "/api/v1/namespaces/default/secrets", body)
    assert (created["data"], created["type"]) == ({"password": "c2VzYW1l"}, "Opaque")
    assert "stringData" not in created
