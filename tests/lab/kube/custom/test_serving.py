"""A definition from its creation to its end, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from tests.lab.kube.conftest import MERGE, STRATEGIC, Api

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DEFINITION = f"{DEFINITIONS}/widgets.example.com"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
BETA = "/apis/example.com/v1beta1/namespaces/default/widgets"


def widget(name: str = "one", **spec: Any) -> Manifest:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": {"size": 3, **spec},
    }


@pytest.fixture
async def served(api: Api, definition: Manifest) -> Api:
    status, body = await api("POST", DEFINITIONS, definition)
    assert status == 201, body
    return api


async def test_a_definition_is_established_and_discovered(served: Api) -> None:
    _, definition = await served("GET", DEFINITION)
    assert [(entry["type"], entry["status"]) for entry in definition["status"]["conditions"]] == [
        ("NamesAccepted", "True"),
        ("Established", "True"),
    ]
    assert definition["status"]["storedVersions"] == ["v1"]
    _, documents = await served("GET", "/apis/example.com/v1")
    assert [entry["name"] for entry in documents["resources"]] == ["widgets", "widgets/status", "widgets/scale"]


async def test_objects_get_defaults_and_lose_unknown_fields(served: Api) -> None:
    status, made = await served("POST", WIDGETS, widget(sise=4, free={"any": [1]}))
    assert status == 201
    assert made["spec"] == {"size": 3, "color": "red", "replicas": 1, "free": {"any": [1]}}
    assert made["metadata"]["generation"] == 1
    status, refused = await served("POST", WIDGETS, widget("two", sise=4), fieldValidation="Strict")
    assert status == 400
    assert 'unknown field "spec.sise"' in refused["message"]


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"size": "x"}, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'),
        ({"size": 0}, "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"),
        ({"color": "green"}, 'spec.color: Unsupported value: "green": supported values: "red", "blue"'),
        ({"parts": [{"name": "a"}, {"name": "a"}]}, 'spec.parts[1]: Duplicate value: {"name":"a"}'),
    ],
)
async def test_wrong_objects_are_refused(served: Api, spec: dict[str, Any], why: str) -> None:
    status, body = await served("POST", WIDGETS, widget(**spec))
    assert (status, body["reason"]) == (422, "Invalid")
    assert body["message"] == f'Widget.example.com "one" is invalid: {why}'


async def test_status_and_scale_are_written_apart(served: Api) -> None:
    await served("POST", WIDGETS, {**widget(), "status": {"phase": "Made up"}})
    _, one = await served("GET", f"{WIDGETS}/one")
    assert "status" not in one
    _, told = await served.patch(f"{WIDGETS}/one/status", {"status": {"phase": "Ready", "replicas": 1}}, MERGE)
    assert (told["status"]["phase"], told["metadata"]["generation"]) == ("Ready", 1)
    _, scale = await served.patch(f"{WIDGETS}/one/scale", {"spec": {"replicas": 4}}, MERGE)
    assert (scale["kind"], scale["spec"], scale["status"]) == ("Scale", {"replicas": 4}, {"replicas": 1})
    _, one = await served("GET", f"{WIDGETS}/one")
    assert (one["spec"]["replicas"], one["metadata"]["generation"]) == (4, 2)


async def test_lists_are_selected_and_shown_as_tables(served: Api) -> None:
    for name, color in (("a", "red"), ("b", "blue")):
        await served("POST", WIDGETS, widget(name, color=color))
    _, found = await served("GET", WIDGETS, fieldSelector="spec.color=blue")
    assert [item["metadata"]["name"] for item in found["items"]] == ["b"]
    accept = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    _, table = await served("GET", WIDGETS, headers=accept)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Size"]
    assert [row["cells"] for row in table["rows"]] == [["a", 3], ["b", 3]]


async def test_every_served_version_shows_the_same_object(served: Api) -> None:
    await served("POST", WIDGETS, widget())
    _, one = await served("GET", f"{BETA}/one")
    assert one["apiVersion"] == "example.com/v1beta1"
    status, _ = await served("POST", BETA, {**widget("two"), "apiVersion": "example.com/v1beta1"})
    assert status == 201
    _, found = await served("GET", WIDGETS)
    assert [item["apiVersion"] for item in found["items"]] == ["example.com/v1"] * 2


async def test_strategic_patches_are_not_for_custom_kinds(served: Api) -> None:
    await served("POST", WIDGETS, widget())
    status, body = await served.patch(f"{WIDGETS}/one", {"spec": {"size": 4}}, STRATEGIC)
    assert (status, body["reason"]) == (415, "UnsupportedMediaType")
    _, document = await served("GET", "/openapi/v3/apis/example.com/v1")
    taken = [path["patch"]["requestBody"]["content"] for path in document["paths"].values() if "patch" in path]
    assert len(taken) == 3, "the object, its status, its scale"
    assert not any(STRATEGIC in each for each in taken), "kubectl asks any of them whether it may send one"


async def test_names_of_another_definition_are_not_accepted(served: Api, definition: Manifest) -> None:
    spec = {**definition["spec"], "names": {"plural": "others", "kind": "Other", "shortNames": ["wd"]}}
    other = {**definition, "metadata": {"name": "others.example.com"}, "spec": spec}
    assert (await served("POST", DEFINITIONS, other))[0] == 201
    _, made = await served("GET", f"{DEFINITIONS}/others.example.com")
    accepted = made["status"]["conditions"][0]
    assert (accepted["status"], accepted["reason"]) == ("False", "ShortNamesConflict")
    assert (await served("GET", "/apis/example.com/v1/namespaces/default/others"))[0] == 404


async def test_with_a_definition_its_objects_go(served: Api) -> None:
    await served("POST", WIDGETS, widget())
    status, marked = await served("DELETE", DEFINITION)
    assert status == 200
    assert marked["status"]["conditions"][-1]["reason"] == "InstanceDeletionPending"
    assert (await served("GET", DEFINITION))[0] == 404
    assert (await served("GET", f"{WIDGETS}/one"))[0] == 404
    assert (await served("GET", "/apis/example.com/v1"))[0] == 404


async def test_a_definition_waits_for_objects_with_finalizers(served: Api) -> None:
    held = widget()
    held["metadata"]["finalizers"] = ["example.com/hold"]
    await served("POST", WIDGETS, held)
    await served("DELETE", DEFINITION)
    status, body = await served("POST", WIDGETS, widget("two"))
    assert (status, body["reason"]) == (403, "Forbidden")
    assert "create not allowed while custom resource definition is terminating" in body["message"]
    await served.patch(f"{WIDGETS}/one", {"metadata": {"finalizers": None}}, MERGE)
    assert (await served("GET", DEFINITION))[0] == 404


async def test_its_group_is_registered_as_long_as_it_is_there(served: Api) -> None:
    path = "/apis/apiregistration.k8s.io/v1/apiservices/v1.example.com"
    _, service = await served("GET", path)
    assert service["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "true"}
    assert (await served("DELETE", DEFINITION))[0] == 200
    assert (await served("GET", path))[0] == 404


async def test_a_version_that_a_webhook_would_convert_is_refused(api: Api, definition: Manifest) -> None:
    client = {"service": {"namespace": "default", "name": "convert"}}
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": client}
    definition["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
    status, body = await api("POST", DEFINITIONS, definition)
    assert status == 201, body
    assert (await api("GET", BETA))[0] == 200
    assert (await api("POST", WIDGETS, widget()))[0] == 201
    for place in (BETA, f"{BETA}/one"):
        status, refused = await api("GET", place)
        assert status == 500
        assert refused["message"].startswith(
            "conversion webhook for example.com/v1, Kind=Widget failed: this lab calls no"
        )
