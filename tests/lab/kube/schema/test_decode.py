"""Bodies decoded as Go decodes them into the structs of the API."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import METRICS, RESOURCES
from aiops.lab.kube.schema.decode import DecodingError, decode, zero
from aiops.lab.kube.schema.table import kinds, struct, type_of
from aiops.lab.kube.schema.types import typed

APPS = "apps/v1"


def _deployment(spec: Any) -> Manifest:
    return {"metadata": {"name": "a"}, "spec": spec}


def _template(**fields: Any) -> Manifest:
    return {"template": {"spec": fields}}


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"replicas": "x"}, "string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"replicas": 1.5}, "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"replicas": 2**40}, f"number {2**40} into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ("x", "string into Go struct field Deployment.spec of type v1.DeploymentSpec"),
        (
            _template(containers={}),
            "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        ),
        (
            _template(containers=[{"name": 1}]),
            "number into Go struct field Container.spec.template.spec.containers.name of type string",
        ),
        (
            _template(restartPolicy=5),
            "number into Go struct field PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy",
        ),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": True}}},
            "bool into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32",
        ),
    ],
)
def test_a_value_of_another_type_is_told_with_its_go_field(spec: Any, why: str) -> None:
    with pytest.raises(DecodingError) as refused:
        decode(_deployment(spec), APPS, "Deployment")
    assert str(refused.value) == f"json: cannot unmarshal {why}"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"replicas": "x"}, "unrecognized type: int32"),
        ({"replicas": 1.5}, "cannot convert float64 to int32"),
        ({"paused": "x"}, "unrecognized type: bool"),
        ("x", "cannot restore struct from: string"),
        (_template(containers={}), "cannot restore slice from map"),
        (_template(nodeSelector=5), "cannot restore map from int64"),
        (_template(hostname=5), "cannot convert int64 to string"),
    ],
)
def test_the_converter_has_words_of_its_own(spec: Any, why: str) -> None:
    with pytest.raises(DecodingError) as refused:
        decode(_deployment(spec), APPS, "Deployment")
    assert refused.value.converting == why


def test_the_first_wrong_value_is_told() -> None:
    with pytest.raises(DecodingError, match="paused"):
        decode(_deployment({"paused": "x", "replicas": "y"}), APPS, "Deployment")


def test_unknown_fields_are_dropped_and_told_in_order() -> None:
    spec = {"x": 1, "template": {"spec": {"containers": [{"name": "a", "imagee": "b", "ports": [{"port": 1}]}]}}}
    decoded = decode({"metadata": {"name": "a", "foo": 1}, "spec": spec, "extra": {}}, APPS, "Deployment")
    assert decoded.strict == [
        'unknown field "metadata.foo"',
        'unknown field "spec.x"',
        'unknown field "spec.template.spec.containers[0].imagee"',
        'unknown field "spec.template.spec.containers[0].ports[0].port"',
        'unknown field "extra"',
    ]
    assert "x" not in decoded.manifest["spec"]


def test_what_is_empty_is_left_out_and_what_is_a_struct_stays() -> None:
    container = {"name": "a", "args": [], "env": [{"name": "x", "value": ""}], "resources": {"limits": {}}}
    spec = {"replicas": 0, "paused": False, "selector": {}, **_template(containers=[container], hostNetwork=False)}
    manifest = decode({"metadata": {"name": "a", "labels": {}}, "spec": spec}, APPS, "Deployment").manifest
    assert manifest == {
        "apiVersion": APPS,
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {
            "replicas": 0,
            "selector": {},
            "template": {
                "metadata": {},
                "spec": {"containers": [{"name": "a", "env": [{"name": "x"}], "resources": {}}]},
            },
            "strategy": {},
        },
        "status": {},
    }


def test_null_is_a_field_that_is_not_there_and_an_empty_text_in_a_map() -> None:
    decoded = decode({"metadata": None, "data": {"a": None}, "immutable": None}, "v1", "ConfigMap").manifest
    assert decoded == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {"a": ""}}


def test_another_kind_has_metadata_alone() -> None:
    decoded = decode({"metadata": {"name": "a", "x": 1}, "spec": {"any": [None]}}, "example.com/v1", "Widget")
    assert decoded.manifest["metadata"] == {"name": "a"}
    assert decoded.manifest["spec"] == {"any": [None]}
    assert decoded.strict == ['unknown field "metadata.x"']


def test_writers_inside_get_a_status() -> None:
    with pytest.raises(ApiError) as refused:
        typed({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"a": "!"}})
    assert refused.value.status == 400
    why = "illegal base64 data at input byte 0"
    assert str(refused.value) == f'Secret in version "v1" cannot be handled as a Secret: {why}'


def test_the_status_that_go_writes_of_nothing() -> None:
    counted = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    assert zero("apps/v1.DaemonSetStatus") == dict.fromkeys(counted, 0)
    assert zero("core/v1.ServiceStatus") == {"loadBalancer": {}}


@pytest.mark.parametrize("resource", [*RESOURCES, *METRICS], ids=lambda each: f"{each.api_version}.{each.kind}")
def test_the_table_has_the_type_of_every_served_kind(resource: Any) -> None:
    assert type_of(resource.api_version, resource.kind) is not None
    if "list" in resource.verbs:
        assert (resource.api_version, resource.list_kind) in kinds()
    manifest = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {"name": "a"}}
    once = typed(manifest)
    assert typed(once) == once


def test_selectable_fields_are_fields_of_the_kind() -> None:
    for resource in Catalog():
        kind = type_of(resource.api_version, resource.kind)
        assert kind is not None
        for path in resource.fields:
            step = kind
            *fields, last = path.split(".")
            for name in fields:
                step = struct(step.fields[name].type.name)
            assert last in step.fields or (resource.kind, last) == ("Job", "successful"), path


scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=4)
names = st.sampled_from(
    ["spec", "metadata", "name", "labels", "containers", "image", "ports", "selector", "template", "replicas", "status",
     "strategy", "resources", "limits", "env", "valueFrom", "volumes", "maxSurge", "rollingUpdate", "conditions"]
)  # fmt: skip
bodies = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5), max_leaves=25
)


@given(st.sampled_from(["Deployment", "StatefulSet", "ControllerRevision"]), st.dictionaries(names, bodies, max_size=5))
def test_any_body_is_decoded_or_refused_and_decoding_twice_is_once(kind: str, body: dict[str, Any]) -> None:
    try:
        once = decode(body, APPS, kind).manifest
    except DecodingError:
        return
    again = decode(once, APPS, kind)
    assert again.manifest == once
    assert again.strict == []
