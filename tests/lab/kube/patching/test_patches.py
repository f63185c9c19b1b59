"""JSON patch, merge patch, strategic merge patch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.patching.jsonpatch import json_patch
from aiops.lab.kube.patching.mergepatch import merge_patch
from aiops.lab.kube.patching.merging import merging_of
from aiops.lab.kube.patching.strategic import strategic_merge

POD = merging_of("v1", "Pod")
SERVICE = merging_of("v1", "Service")
DEPLOYMENT = merging_of("apps/v1", "Deployment")

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
        ([{"op": "remove", "path": "/baz"}], 422),
        ([{"op": "replace", "path": "/list/3", "value": 1}], 422),
        ([{"op": "add", "path": "baz", "value": 1}], 422),
        ([{"op": "fly", "path": "/baz"}], 422),
        (["remove"], 422),
        ([{"op": "copy", "from": "/list", "path": "/map/deeper/list"}], 422),
        ([{"op": "copy", "from": "/baz/bat", "path": "/foo"}], 422),
        ([{"op": "add", "path": "/a", "value": 1}] * 10_001, 413),
        ({"op": "remove"}, 400),
    ],
)
def test_json_patches_that_do_not_fit(patch: Any, status: int) -> None:
    document = {"foo": "bar", "one": 1, "list": [1], "map": {"inner": {}}}
    with pytest.raises(ApiError) as refused:
        json_patch(document, patch)
    assert refused.value.status == status
    assert document == {"foo": "bar", "one": 1, "list": [1], "map": {"inner": {}}}


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ([{"op": "replace", "path": "/baz", "value": 1}], {"foo": "bar", "baz": 1}),
        ([{"op": "add", "path": "/baz"}], {"foo": "bar", "baz": None}),
        ([{"op": "test", "path": "/baz", "value": None}], {"foo": "bar"}),
        ([{"op": "copy", "from": "/baz", "path": "/foo"}], {"foo": None}),
    ],
)
def test_what_the_api_server_lets_pass_beyond_the_rfc(patch: Any, expected: Any) -> None:
    assert json_patch({"foo": "bar"}, patch) == expected


def test_copies_of_copies_end_before_they_fill_the_memory() -> None:
    doubling = [{"op": "copy", "from": "/data", "path": f"/data/{index}"} for index in range(40)]
    with pytest.raises(ApiError) as refused:
        json_patch({"data": {"a": "text"}}, doubling)
    assert refused.value.status == 422


def test_copies_into_copies_end_where_json_is_too_deep() -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({"data": {}}, [{"op": "copy", "from": "/data", "path": "/data/a"}] * 1000)
    assert refused.value.status == 422


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
        _pod({"name": "b", "image": "redis"}, {"name": "a", "image": "nginx"}),
    ),
    (_pod(tolerations=[{"key": "x"}]), _pod(tolerations=[{"key": "y"}]), _pod(tolerations=[{"key": "y"}])),
    (
        _pod({"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}]}),
        _pod({"name": "a", "env": [{"name": "X", "value": "3"}, {"name": "Y", "value": "2"}]}),
        _pod({"name": "a", "image": "1", "env": [{"name": "X", "value": "3"}, {"name": "Y", "value": "2"}]}),
    ),
    (_pod({"name": "a"}, {"name": "b"}), _pod({"name": "a", "$patch": "delete"}), _pod({"name": "b"})),
    (_pod({"name": "a"}), _pod({"$patch": "replace"}, {"name": "b"}), _pod({"name": "b"})),
    (_pod({"name": "a", "image": "1"}), _pod({"name": "a", "image": None}), _pod({"name": "a"})),
    ({"a": {"b": 1, "c": 2}}, {"a": {"$patch": "replace", "d": 3}}, {"a": {"d": 3}}),
    ({"a": {"b": 1}, "c": 1}, {"a": {"$patch": "delete"}}, {"a": {}, "c": 1}),
    (
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}},
        {"metadata": {"finalizers": ["c", "b"]}},
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
    (
        _pod(volumes=[{"name": "v", "emptyDir": {}}]),
        _pod(volumes=[{"name": "v", "$retainKeys": ["name", "secret"], "secret": {}}]),
        _pod(volumes=[{"name": "v", "secret": {}}]),
    ),
    ({"spec": {"nodeName": "a"}}, {"spec": {"nodeName": None}}, {"spec": {}}),
]


@pytest.mark.parametrize(("document", "patch", "expected"), STRATEGIC)
def test_strategic_merge(document: Any, patch: Any, expected: Any) -> None:
    assert strategic_merge(document, patch, POD) == expected


def test_the_key_of_a_list_is_that_of_its_type() -> None:
    ports = [{"port": 80, "targetPort": 8080}, {"port": 443, "targetPort": 8443}]
    merged = strategic_merge({"spec": {"ports": ports}}, {"spec": {"ports": [{"port": 80, "targetPort": 9}]}}, SERVICE)
    assert merged["spec"]["ports"] == [{"port": 80, "targetPort": 9}, {"port": 443, "targetPort": 8443}]
    strategy = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    change = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert strategic_merge(strategy, change, DEPLOYMENT) == {"spec": {"strategy": {"type": "Recreate"}}}


@pytest.mark.parametrize(
    ("patch", "status", "text"),
    [
        ([], 400, "is an object"),
        ({"$patch": "burn"}, 500, "unknown patch type: burn in map: map[$patch:burn]"),
        (_pod({"image": "x"}), 500, "map: map[image:x] does not contain declared merge key: name"),
        (_pod("text"), 500, "list element types are not identical: [[map[name:a]] [text]]"),  # type: ignore[arg-type]
        ({"spec": {"$retainKeys": ["a"], "b": 1}}, 400, "invalid patch format of retainKeys"),
        (
            {"spec": {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "b"}]}},
            500,
            "doesn't match $setElementOrder list",
        ),
    ],
)
def test_strategic_patches_that_are_refused(patch: Any, status: int, text: str) -> None:
    with pytest.raises(ApiError) as refused:
        strategic_merge(_pod({"name": "a"}), patch, POD)
    assert refused.value.status == status
    assert text in str(refused.value)


entries = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=4, unique_by=lambda pair: pair[0])


@given(entries, entries)
def test_a_keyed_list_is_merged_as_a_map(old: list[tuple[str, int]], new: list[tuple[str, int]]) -> None:
    def containers(pairs: list[tuple[str, int]]) -> Any:
        return _pod(*({"name": name, "image": str(number)} for name, number in pairs))

    merged = strategic_merge(containers(old), containers(new), POD)
    found = {item["name"]: item["image"] for item in merged["spec"]["containers"]}
    assert found == {name: str(number) for name, number in {**dict(old), **dict(new)}.items()}
    assert strategic_merge(merged, containers(new), POD) == merged
