"""What a body is read as, and what is said of one that is no object of its path."""

from __future__ import annotations

import pytest

from aiops.lab.kube.encoding.bodies import JSON, Body, FieldValidation, field_validation, parse, read_object
from aiops.lab.kube.encoding.patchbodies import STRATEGIC, parse_patch, patch_strictness, read_patched
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.catalog import Catalog

DEPLOYMENT = Catalog().stored("Deployment")
CONFIG_MAP = Catalog().stored("ConfigMap")
HEAD = "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error:"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", f"{HEAD} unexpected end of JSON input (<empty>)"),
        (b'{"a":', f'{HEAD} unexpected end of JSON input ({{"a":)'),
        (b"hello", f"{HEAD} invalid character 'h' looking for beginning of value (68656c6c6f)"),
        (b'{"metadata":{"name":"abcdefghijklmnop"},}', f"{HEAD} invalid character '}}' looking for beginning of object "
         'key string ({"metadata":{"name":"abcdefghi ...)'),
    ],
)  # fmt: skip
def test_text_that_is_no_json(content: bytes, why: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(content, JSON, "ConfigMap")
    assert (refused.value.status, str(refused.value)) == (400, why)


@pytest.mark.parametrize("media", ["text/plain", "application/foo+json", "application/cbor"])
def test_other_media_types(media: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(b"{}", media, "ConfigMap")
    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"apiVersion": "v1", "kind": "Pod"}, "converting (v1.Pod) to (apps.Deployment): unknown conversion"),
        ({"kind": "Foo"}, 'no kind "Foo" is registered for version "apps/v1" in scheme "pkg/runtime/scheme.go:111"'),
        ({"apiVersion": "a/b/c"}, "unexpected GroupVersion string: a/b/c"),
        ([], "json: cannot unmarshal array into Go value of type struct"),
        ({"kind": 1}, "json: cannot unmarshal number into Go struct field .kind of type string"),
    ],
)
def test_a_body_of_another_kind(value: object, why: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_object(DEPLOYMENT, Body(value), FieldValidation())
    assert refused.value.status == 400
    assert why in str(refused.value)


def test_another_version_of_the_kind_is_named() -> None:
    resource = Catalog().stored("HorizontalPodAutoscaler")
    body = Body({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler"})
    with pytest.raises(
        ApiError, match=r"\(autoscaling/v1\) does not match the expected API version \(autoscaling/v2\)"
    ):
        read_object(resource, body, FieldValidation())


def test_unknown_fields_warn_refuse_or_are_let_be() -> None:
    body = parse(b'{"metadata":{"name":"a"},"data":{"a":"1","a":"2"},"x":1}', JSON, "ConfigMap")
    said: list[str] = []
    read_object(CONFIG_MAP, body, field_validation(None, "CreateOptions", said.append))
    assert said == ['duplicate field "data.a"', 'unknown field "x"']
    assert read_object(CONFIG_MAP, body, field_validation("Ignore", "CreateOptions", said.append))["data"] == {"a": "2"}
    assert len(said) == 2
    with pytest.raises(ApiError) as refused:
        read_object(CONFIG_MAP, body, field_validation("Strict", "CreateOptions", said.append))
    what = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: '
    assert str(refused.value) == what + 'duplicate field "data.a", unknown field "x"'


def test_there_are_three_levels() -> None:
    with pytest.raises(ApiError) as refused:
        field_validation("Loud", "PatchOptions", print)
    assert refused.value.status == 422
    assert str(refused.value).startswith('PatchOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value')


@pytest.mark.parametrize(
    ("media", "content", "why"),
    [
        ("application/merge-patch+json", b"{", "error decoding patch: unexpected end of JSON input"),
        ("application/merge-patch+json", b"null", "Invalid JSON Patch"),
        (STRATEGIC, b"[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        ("application/json-patch+json", b"{}", "error decoding patch: json: cannot unmarshal object into Go value of "
         "type []handlers.jsonPatchOp"),
        ("application/apply-patch+yaml", b"{}", "invalid object type: /, Kind="),
        ("application/apply-patch+yaml", b"[", "error decoding YAML: error converting YAML to JSON: yaml: line 1: did "
         "not find expected node content"),
    ],
)  # fmt: skip
def test_patches_that_are_none(media: str, content: bytes, why: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_patch(content, media)
    assert (refused.value.status, str(refused.value)) == (400, why)


def test_a_patch_whose_outcome_is_no_object_of_the_kind() -> None:
    changes = {"data": {"a": 5}}
    with pytest.raises(ApiError) as refused:
        read_patched(CONFIG_MAP, {"metadata": {"name": "a"}, **changes}, [], FieldValidation(), changes)
    assert refused.value.status == 422
    why = 'Invalid value: "map[data:map[a:5]]": cannot convert int64 to string'
    assert str(refused.value) == f' "" is invalid: patch: {why}'


def test_operations_are_read_strictly_by_themselves() -> None:
    body = parse_patch(b'[{"op":"add","op":"add","path":"/a","value":1,"x":1}]', "application/json-patch+json")
    assert patch_strictness(body) == ['json patch unknown field "[0].x"', 'json patch duplicate field "[0].op"']
