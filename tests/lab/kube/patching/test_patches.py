"""JSON patch, merge patch, strategic merge patch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.patching.jsonpatch import json_patch
from aiops.lab.kube.patching.mergepatch import merge_patch
from aiops.lab.kube.patching.strategic import strategic_merge

scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab/~$"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["a", "b", "c"]), values, max_size=3)

# RFC 6902, appendix A.
RFC_6902 = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    ({"foo": [1, 2, 3, 4]}, [{"op": "move", "from": "/foo/1", "path": "/foo/3"}], {"foo": [1, 3, 4, 2]}),
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "qux"}], {"baz": "qux"}),
    ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"g": {}}}], {"foo": "bar", "child": {"g": {}}}),
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}], {"foo": "bar", "baz": "qux"}),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc"]}], {"foo": ["bar", ["abc"]]}),
    ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
    ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
]


@pytest.mark.parametrize(("document", "patch", "expected"), RFC_6902)
def test_examples_of_rfc_6902(document: Any, patch: Any, expected: Any) -> None:
    assert json_patch(document, patch) == expected


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ([{"op": "add", "path": "/baz/bat", "value": 1}], 422),
        ([{"op": "test", "path": "/foo", "value": "qux"}], 422),
        ([{"op": "test", "path": "/one", "value": True}], 422),
        ([{"op": "remove", "path": "/list/01"}], 422),
        ([{"op": "remove", "path": "/list/5"}], 422),
        ([{"op": "add", "path": "/list/x", "value": 1}], 422),
        ([{"op": "add", "path": "/foo/deeper", "value": 1}], 422),
        ([{"op": "move", "from": "/map", "path": "/map/inner"}], 422),
        ([{"op": "add", "path": "/baz"}], 400),
        ([{"op": "add", "path": "baz", "value": 1}], 400),
        ([{"op": "fly", "path": "/baz"}], 400),
        (["remove"], 400),
        ({"op": "remove"}, 400),
    ],
)
def test_json_patches_that_do_not_fit(patch: Any, status: int) -> None:
    document = {"foo": "bar", "one": 1, "list": [1], "map": {"inner": {}}}
    with pytest.raises(ApiError) as refused:
        json_patch(document, patch)
    assert refused.value.status == status
    assert document == {"foo": "bar", "one": 1, "list": [1], "map": {"inner": {}}}


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


@given(objects, st.text("ab/~", min_size=1, max_size=3), values)
def test_what_was_added_is_there_and_can_be_removed(document: Any, key: str, value: Any) -> None:
    added = json_patch(document, [{"op": "add", "path": _pointer(key), "value": value}])
    assert added[key] == value
    json_patch(added, [{"op": "test", "path": _pointer(key), "value": value}])
    removed = json_patch(added, [{"op": "remove", "path": _pointer(key)}])
    assert removed == {name: item for name, item in document.items() if name != key}


# RFC 7386, appendix A.
RFC_7386 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("document", "patch", "expected"), RFC_7386)
def test_examples_of_rfc_7386(document: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(document, patch) == expected


@given(values, values)
def test_a_merge_patch_is_idempotent(document: Any, patch: Any) -> None:
    once = merge_patch(document, patch)
    assert merge_patch(once, patch) == once


def _pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"spec": {"containers": list(containers), **spec}}


STRATEGIC = [
    # Kubernetes' documentation: a container is added to the list, tolerations are replaced.
    (
        _pod({"name": "a", "image": "nginx"}),
        _pod({"name": "b", "image": "redis"}),
        _pod({"name": "a", "image": "nginx"}, {"name": "b", "image": "redis"}),
    ),
    (_pod(tolerations=[{"key": "x"}]), _pod(tolerations=[{"key": "y"}]), _pod(tolerations=[{"key": "y"}])),
    (
        _pod({"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}]}),
        _pod({"name": "a", "env": [{"name": "Y", "value": "2"}]}),
        _pod({"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]}),
    ),
    (_pod({"name": "a"}, {"name": "b"}), _pod({"name": "a", "$patch": "delete"}), _pod({"name": "b"})),
    (_pod({"name": "a"}), _pod({"$patch": "replace"}, {"name": "b"}), _pod({"name": "b"})),
    (_pod({"name": "a", "image": "1"}), _pod({"name": "a", "image": None}), _pod({"name": "a"})),
    (
        {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        {"spec": {"strategy": {"type": "Recreate"}}},
    ),
    ({"a": {"b": 1, "c": 2}}, {"a": {"$patch": "replace", "d": 3}}, {"a": {"d": 3}}),
    ({"a": {"b": 1}, "c": 1}, {"a": {"$patch": "delete"}}, {"c": 1}),
    (
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}},
        {"metadata": {"finalizers": ["b", "c"]}},
    ),
    (
        {"spec": {"ports": [{"port": 80, "targetPort": 8080}, {"port": 443, "targetPort": 8443}]}},
        {"spec": {"ports": [{"port": 80, "targetPort": 9999}]}},
        {"spec": {"ports": [{"port": 80, "targetPort": 9999}, {"port": 443, "targetPort": 8443}]}},
    ),
    (
        _pod({"name": "a", "ports": [{"containerPort": 1, "name": "x"}]}),
        _pod({"name": "a", "ports": [{"containerPort": 1, "name": "y"}]}),
        _pod({"name": "a", "ports": [{"containerPort": 1, "name": "y"}]}),
    ),
    (
        _pod({"name": "a"}, {"name": "b"}),
        {
            "spec": {
                "$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
                "containers": [{"name": "b", "x": 1}],
            }
        },
        _pod({"name": "b", "x": 1}, {"name": "a"}),
    ),
    ({"spec": {"podSelector": {"a": 1}}}, {"spec": {"podSelector": None}}, {"spec": {}}),
]


@pytest.mark.parametrize(("document", "patch", "expected"), STRATEGIC)
def test_strategic_merge(document: Any, patch: Any, expected: Any) -> None:
    assert strategic_merge(document, patch) == expected


@pytest.mark.parametrize("patch", [[], "x", {"$patch": "burn"}, {"spec": {"containers": [{"image": "x"}]}}])
def test_strategic_patches_that_are_refused(patch: Any) -> None:
    with pytest.raises(ApiError) as refused:
        strategic_merge(_pod({"name": "a"}), patch)
    assert refused.value.status == 400


entries = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=4, unique_by=lambda pair: pair[0])


@given(entries, entries)
def test_a_keyed_list_is_merged_as_a_map(old: list[tuple[str, int]], new: list[tuple[str, int]]) -> None:
    def containers(pairs: list[tuple[str, int]]) -> Any:
        return _pod(*({"name": name, "image": str(number)} for name, number in pairs))

    merged = strategic_merge(containers(old), containers(new))
    found = {item["name"]: item["image"] for item in merged["spec"]["containers"]}
    assert found == {name: str(number) for name, number in {**dict(old), **dict(new)}.items()}
    assert strategic_merge(merged, containers(new)) == merged
