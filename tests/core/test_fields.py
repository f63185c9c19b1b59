"""How two versions of an object differ, and what a path means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.fields import desired, differences, list_key, read

NAMES = st.text("abcxyz./-", min_size=1, max_size=6)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_equal_values_do_not_differ(value: Any) -> None:
    assert list(differences(value, value)) == []


@given(st.dictionaries(NAMES, JSON, max_size=4), st.dictionaries(NAMES, JSON, max_size=4))
def test_each_difference_is_found_where_its_path_says(old: dict[str, Any], new: dict[str, Any]) -> None:
    for change in differences(old, new):
        if not any("[" in key or "]" in key for key in change.path.split(".")):
            assert read(old, change.path) == change.old
            assert read(new, change.path) == change.new


def test_items_are_named_by_their_key() -> None:
    old = {"spec": {"ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}
    new = {"spec": {"ports": [{"name": "http", "port": 80, "targetPort": 9999}]}}
    (change,) = differences(old, new)
    assert (change.path, change.old, change.new) == ("spec.ports[http].targetPort", 8080, 9999)
    assert read(new, change.path) == 9999


def test_an_item_more_or_less_is_one_difference() -> None:
    old = {"env": [{"name": "A", "value": "1"}]}
    new = {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}
    (change,) = differences(old, new)
    assert (change.path, change.old, change.new) == ("env[B]", None, {"name": "B", "value": "2"})


def test_names_with_dots_are_bracketed() -> None:
    (change,) = differences({"labels": {"a.b/c": "1"}}, {"labels": {"a.b/c": "2"}})
    assert change.path == "labels[a.b/c]"
    assert read({"labels": {"a.b/c": "2"}}, change.path) == "2"


def test_lists_without_a_key_are_compared_by_place() -> None:
    (change,) = differences({"args": ["-v", "1"]}, {"args": ["-v", "2"]})
    assert change.path == "args[1]"
    (whole,) = differences({"args": ["-v"]}, {"args": ["-v", "2"]})
    assert whole.path == "args"
    assert list_key([]) is None
    assert list_key([{"name": "a"}, {"name": "a"}]) is None


@pytest.mark.parametrize(
    "annotation",
    [
        "kubectl.kubernetes.io/last-applied-configuration",
        "deployment.kubernetes.io/revision",
        "deprecated.daemonset.template.generation",
        "aiops.dev/action",
    ],
)
def test_what_a_tool_or_the_server_notes_is_nobodys_wish(annotation: str) -> None:
    manifest = {"kind": "DaemonSet", "metadata": {"name": "x", "annotations": {annotation: "1"}}}
    assert desired(manifest) == {"kind": "DaemonSet", "metadata": {"name": "x"}}


def test_desired_state_is_what_somebody_asked_for() -> None:
    manifest = {
        "kind": "Deployment",
        "metadata": {
            "name": "x",
            "uid": "1",
            "resourceVersion": "5",
            "annotations": {"aiops.dev/action": "a", "team": "blue", "deployment.kubernetes.io/revision": "3"},
        },
        "spec": {"replicas": 1},
        "status": {"replicas": 0},
    }
    assert desired(manifest) == {
        "kind": "Deployment",
        "metadata": {"name": "x", "annotations": {"team": "blue"}},
        "spec": {"replicas": 1},
    }


def test_reading_past_the_end_gives_nothing() -> None:
    assert read({"a": [1, 2]}, "a[5].b") is None
    assert read({"a": 1}, "a.b") is None
