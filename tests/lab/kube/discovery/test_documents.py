"""What the API server says of itself: discovery, OpenAPI, APIServices."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app
from aiops.lab.kube.discovery.documents import groups, versions
from aiops.lab.kube.discovery.openapi import protobuf
from aiops.lab.kube.discovery.openapi.documents import OpenApi
from aiops.lab.kube.encoding.protobuf import _fields
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import METRICS, Resource

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
WIDGET = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                    }
                },
            }
        ],
    },
}


@pytest.fixture
def store() -> ObjectStore:
    made = ObjectStore(now=lambda: 1_780_000_000.0, rng=Random(0))
    bootstrap(made)
    return made


@pytest.fixture
def client(store: ObjectStore) -> TestClient:
    app = kubernetes_app(store, tokens={"a": User("root", (MASTERS,))}, logs=lambda *_: [])
    return TestClient(app, headers={"authorization": "Bearer a", "user-agent": "test"})


def test_every_resource_is_in_both_kinds_of_discovery(client: TestClient, store: ObjectStore) -> None:
    listed = set()
    for path in ("/api", "/apis"):
        for group in client.get(path, headers={"accept": AGGREGATED}).json()["items"]:
            name = group["metadata"].get("name", "")
            for version in group["versions"]:
                listed |= {(name, version["version"], each["resource"]) for each in version["resources"]}
    assert listed == {(each.group, each.version, each.plural) for each in store.catalog}
    for group, version in {(group, version) for group, version, _ in listed}:
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        found = {each["name"] for each in client.get(path).json()["resources"] if "/" not in each["name"]}
        assert found == {plural for g, v, plural in listed if (g, v) == (group, version)}


def test_a_client_that_has_the_document_does_not_get_it_again(client: TestClient) -> None:
    first = client.get("/apis", headers={"accept": AGGREGATED})
    again = client.get("/apis", headers={"accept": AGGREGATED, "if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_groups_come_by_priority_and_versions_by_maturity() -> None:
    catalog = Catalog()
    for version in ("v1beta1", "v1", "v2alpha1", "v10"):
        catalog.add(Resource("Thing", "things", "b.example.com", version, stored="Thing.b.example.com"))
    catalog.add(Resource("Other", "others", "a.example.com", stored="Other.a.example.com"))
    for resource in METRICS:
        catalog.add(resource)
    assert groups(catalog)[:3] == ["", "apiregistration.k8s.io", "apps"]
    assert groups(catalog)[-3:] == ["a.example.com", "b.example.com", "metrics.k8s.io"]
    assert versions(catalog, "b.example.com") == ["v10", "v1", "v1beta1", "v2alpha1"]


@pytest.mark.parametrize(
    ("path", "status", "media"),
    [
        ("/apis/nothing", 404, "text/plain; charset=utf-8"),
        ("/apis/apps/v9", 404, "application/json"),
        ("/nothing", 404, "text/plain; charset=utf-8"),
        ("/readyz/ping", 200, "text/plain; charset=utf-8"),
        ("/livez?verbose", 200, "text/plain; charset=utf-8"),
        ("/version", 200, "application/json"),
        ("/", 200, "application/json"),
    ],
)
def test_pages_outside_resources(client: TestClient, path: str, status: int, media: str) -> None:
    answered = client.get(path)
    assert (answered.status_code, answered.headers["content-type"]) == (status, media)


def test_people_get_indented_json_and_yaml_who_asks_for_it(client: TestClient) -> None:
    assert b'\n  "kind": "APIGroup"' in client.get("/apis/apps", headers={"user-agent": "curl/8"}).content
    assert b"\n  " not in client.get("/apis/apps?pretty=false", headers={"user-agent": "curl/8"}).content
    assert client.get("/apis/apps", headers={"accept": "application/yaml"}).text.startswith("apiVersion: v1\n")


def test_a_custom_kind_is_told_everywhere(client: TestClient) -> None:
    before = client.get("/openapi/v3").json()["paths"]
    assert client.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=WIDGET).status_code == 201
    after = client.get("/openapi/v3").json()["paths"]
    assert set(after) - set(before) == {"apis/example.com/v1"}
    assert after["apis/apps/v1"] == before["apis/apps/v1"]
    document = client.get(after["apis/example.com/v1"]["serverRelativeURL"]).json()
    schema = document["components"]["schemas"]["com.example.v1.Widget"]
    assert schema["properties"]["spec"]["properties"]["size"] == {"type": "integer"}
    (item,) = [each for each in client.get("/apis", headers={"accept": AGGREGATED}).json()["items"]
               if each["metadata"]["name"] == "example.com"]  # fmt: skip
    kind = item["versions"][0]["resources"][0]["responseKind"]
    assert kind == {"group": "example.com", "version": "v1", "kind": "Widget"}


def test_built_in_groups_have_api_services(store: ObjectStore) -> None:
    found = {each["metadata"]["name"]: each for each in store.objects("APIService")}
    assert found["v1."]["spec"] == {"groupPriorityMinimum": 18000, "version": "v1", "versionPriority": 1}
    assert found["v1.apps"]["status"]["conditions"][0]["reason"] == "Local"
    assert len(found) == 21


# ---- OpenAPI


@pytest.fixture(scope="module")
def openapi() -> OpenApi:
    return OpenApi(Catalog())


def _refs(value: Any) -> set[str]:
    if isinstance(value, dict):
        inside = {ref for item in value.values() for ref in _refs(item)}
        return inside | {value["$ref"]} if isinstance(value.get("$ref"), str) else inside
    return {ref for item in value for ref in _refs(item)} if isinstance(value, list) else set()


def test_every_group_has_a_document_without_loose_ends(openapi: OpenApi) -> None:
    for path in openapi.index()["paths"]:
        found = openapi.group(path)
        assert found is not None
        document = orjson.loads(found[1])
        schemas = document["components"]["schemas"]
        missing = {ref.rpartition("/")[2] for ref in _refs(document)} - schemas.keys()
        assert not missing, path


def test_kubectl_finds_that_fields_are_validated(openapi: OpenApi) -> None:
    document = orjson.loads((openapi.group("apis/apps/v1") or ("", b""))[1])
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert {"dryRun", "fieldManager", "fieldValidation", "force"} <= {each["name"] for each in patch["parameters"]}


def test_lists_say_how_they_merge(openapi: OpenApi) -> None:
    document = orjson.loads((openapi.group("api/v1") or ("", b""))[1])
    ports = document["components"]["schemas"]["io.k8s.api.core.v1.Container"]["properties"]["ports"]
    assert ports["x-kubernetes-list-map-keys"] == ["containerPort", "protocol"]
    assert (ports["x-kubernetes-patch-merge-key"], ports["x-kubernetes-list-type"]) == ("containerPort", "map")
    assert ports["items"]["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.core.v1.ContainerPort"}]


def test_descriptions_come_with_the_fields(openapi: OpenApi) -> None:
    document = orjson.loads((openapi.group("apis/apps/v1") or ("", b""))[1])
    spec = document["components"]["schemas"]["io.k8s.api.apps.v1.DeploymentSpec"]
    assert spec["properties"]["replicas"]["description"].startswith("Number of desired pods.")


def test_the_whole_in_protobuf_has_every_definition_and_path(openapi: OpenApi) -> None:
    document = orjson.loads(openapi.whole()[1])
    parts = dict(_fields(openapi.whole(protobuf.document)[1]))
    assert parts[1] == b"2.0"
    assert len(_fields(parts[8])) == len(document["paths"])
    assert len(_fields(parts[9])) == len(document["definitions"])


def test_a_stale_hash_is_sent_on(client: TestClient) -> None:
    url = client.get("/openapi/v3").json()["paths"]["apis/policy/v1"]["serverRelativeURL"]
    answered = client.get("/openapi/v3/apis/policy/v1?hash=old", follow_redirects=False)
    assert (answered.status_code, answered.headers["location"]) == (301, url)
    assert "immutable" in client.get(url).headers["cache-control"]
    assert client.get("/openapi/v3/apis/nothing/v1").status_code == 404
    assert client.get("/openapi/v2", headers={"accept": "text/html"}).status_code == 406
