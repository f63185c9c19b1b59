"""Schemas: what is pruned, filled in and refused; which schemas are refused themselves."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.custom.formats import fits
from aiops.lab.kube.custom.pruning import prune, set_defaults
from aiops.lab.kube.custom.structure import structure_problems
from aiops.lab.kube.custom.validation import schema_problems
from tests.lab.kube.custom.conftest import SCHEMA, SIZE

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["size", "color", "parts", "free", "name", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.fixed_dictionaries({"spec": JSON})


@given(OBJECTS)
def test_pruning_and_defaults_are_done_after_one_time(item: dict[str, Any]) -> None:
    prune(item, SCHEMA)
    set_defaults(item, SCHEMA)
    again = copy.deepcopy(item)
    assert prune(again, SCHEMA) == []
    set_defaults(again, SCHEMA)
    assert again == item


@given(OBJECTS)
def test_of_anything_the_problems_are_told(item: dict[str, Any]) -> None:
    wrong = list(schema_problems(item, SCHEMA))
    spec = item["spec"]
    if isinstance(spec, dict) and type(spec.get("size")) is int and 1 <= spec["size"] <= 9 and spec.keys() == {"size"}:
        assert not wrong
    elif not isinstance(spec, dict) or "size" not in spec:
        assert wrong


@pytest.mark.parametrize(
    ("value", "schema", "message"),
    [
        ("abc", {"type": "string", "maxLength": 2}, "Too long: may not be more than 2 bytes"),
        ("abc", {"type": "string", "pattern": "^x"}, "Invalid value: \"abc\": f in body should match '^x'"),
        (5, {"type": "integer", "multipleOf": 2}, "Invalid value: 5: f in body should be a multiple of 2"),
        ([1, 2], {"type": "array", "maxItems": 1}, "Too many: 2: must have at most 1 item"),
        ("2001", {"type": "string", "format": "date"}, 'Invalid value: "2001": f in body must be of type date: "2001"'),
        (["a", "a"], {"type": "array", "x-kubernetes-list-type": "set"}, 'Duplicate value: "a"'),
        (1.5, {"x-kubernetes-int-or-string": True},
         'Invalid value: "number": f in body must be of type integer,string: "number"'),
    ],
)  # fmt: skip
def test_the_words_for_wrong_values(value: Any, schema: dict[str, Any], message: str) -> None:
    assert [cause.message for cause in schema_problems(value, schema, "f")] == [message]


def test_nullable_values_may_be_null() -> None:
    assert not list(schema_problems(None, {"type": "string", "nullable": True}, "f"))
    assert list(schema_problems(None, {"type": "string"}, "f"))


def test_a_good_schema_has_no_problems() -> None:
    assert not list(structure_problems(SCHEMA, "s"))


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"type": "array", "items": SIZE}, "s.type"),
        ({"type": "object", "properties": {"a": {}}}, "s.properties[a].type"),
        ({"type": "object", "properties": {"a": {"type": "wrong"}}}, "s.properties[a].type"),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, "s.properties[a].items"),
        ({"type": "object", "properties": {"a": {"type": "integer", "default": "x"}}}, "s.properties[a].default"),
        ({"type": "object", "properties": {"a": {"type": "array", "items": SIZE, "uniqueItems": True}}},
         "s.properties[a].uniqueItems"),
        ({"type": "object", "properties": {"metadata": {"type": "object", "properties": {"labels": SCHEMA}}}},
         "s.properties[metadata]"),
    ],
)  # fmt: skip
def test_the_problems_of_schemas(schema: dict[str, Any], field: str) -> None:
    assert [cause.field for cause in structure_problems(schema, "s")] == [field]


@pytest.mark.parametrize(
    ("text", "name", "good"),
    [
        ("2026-01-01T00:00:00Z", "date-time", True),
        ("yesterday", "date-time", False),
        ("10.0.0.1", "ipv4", True),
        ("10.0.0.256", "ipv4", False),
        ("10.0.0.0/8", "cidr", True),
        ("a@example.com", "email", True),
        ("anything", "made-up", True),
    ],
)
def test_formats(text: str, name: str, good: bool) -> None:
    assert fits(text, name) is good
