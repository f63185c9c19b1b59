"""Names, defaults, selectors, logs: the small parts."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.api.request import parse_request
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.podspec.defaults import qos_class
from aiops.lab.kube.kinds.rules.base import rules_of
from aiops.lab.kube.names import ALPHABET, hash_suffix, name_problem, random_suffix
from aiops.lab.kube.objects import clone
from aiops.lab.kube.selectors import Requirement, matches_map, matches_selector, parse_labels
from aiops.lab.kube.storage.shelf import Shelf

NOW = 1_780_000_000.0

# ---- names


@pytest.mark.parametrize(
    ("kind", "name", "good"),
    [
        ("Pod", "web-1.a", True),
        ("Pod", "Web", False),
        ("Pod", "-a", False),
        ("Pod", "a" * 254, False),
        ("Service", "1web", False),
        ("Service", "web.a", False),
        ("Namespace", "a.b", False),
        ("Namespace", "1a", True),
        ("ClusterRole", "system:node", True),
        ("ClusterRole", "a/b", False),
    ],
)
def test_names(kind: str, name: str, good: bool) -> None:
    assert (name_problem(kind, name) == "") is good


@given(st.integers(0), st.binary(max_size=50))
def test_generated_names_are_good_names(seed: int, data: bytes) -> None:
    assert name_problem("Pod", f"a-{random_suffix(Random(seed))}") == ""
    assert 0 < len(hash_suffix(data)) <= 10
    assert set(hash_suffix(data)) <= set(ALPHABET)


# ---- requests


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/pods", {}, ("list", "", "pods", "", "", "")),
        ("GET", "/api/v1/pods", {"watch": "true"}, ("watch", "", "pods", "", "", "")),
        ("GET", "/api/v1/namespaces", {}, ("list", "", "namespaces", "", "", "")),
        ("GET", "/api/v1/namespaces/a", {}, ("get", "", "namespaces", "a", "a", "")),
        ("PUT", "/api/v1/namespaces/a/finalize", {}, ("update", "", "namespaces", "a", "a", "finalize")),
        ("GET", "/api/v1/namespaces/a/pods", {}, ("list", "", "pods", "a", "", "")),
        ("GET", "/api/v1/namespaces/a/pods/p/log", {}, ("get", "", "pods", "a", "p", "log")),
        ("POST", "/apis/apps/v1/namespaces/a/deployments", {}, ("create", "apps", "deployments", "a", "", "")),
        ("DELETE", "/apis/batch/v1/namespaces/a/jobs", {}, ("deletecollection", "batch", "jobs", "a", "", "")),
        ("PATCH", "/api/v1/nodes/n/status", {}, ("patch", "", "nodes", "", "n", "status")),
    ],
)  # fmt: skip
def test_what_a_request_asks_for(method: str, path: str, query: dict[str, str], expected: tuple[str, ...]) -> None:
    info = parse_request(method, path, query)
    assert info.is_resource
    assert (info.verb, info.group, info.plural, info.namespace, info.name, info.subresource) == expected


@pytest.mark.parametrize("path", ["/", "/version", "/api", "/api/v1", "/apis/apps/v1"])
def test_other_paths(path: str) -> None:
    info = parse_request("GET", path, {})
    assert (info.is_resource, info.verb, info.path) == (False, "get", path)


# ---- defaults


def test_the_defaults_of_a_pod() -> None:
    pod: Manifest = {"metadata": {}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    rules_of("Pod").default(pod)
    spec = pod["spec"]
    assert (spec["restartPolicy"], spec["terminationGracePeriodSeconds"], spec["dnsPolicy"]) == (
        "Always",
        30,
        "ClusterFirst",
    )
    assert spec["containers"][0]["imagePullPolicy"] == "Always"
    once = clone(pod)
    rules_of("Pod").default(pod)
    assert pod == once


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("a", "Always"),
        ("a:latest", "Always"),
        ("a:1", "IfNotPresent"),
        ("host:5000/a", "Always"),
        ("host:5000/a:1", "IfNotPresent"),
        ("a@sha256:00", "IfNotPresent"),
    ],
)
def test_pull_policies(image: str, policy: str) -> None:
    pod: Manifest = {"metadata": {}, "spec": {"containers": [{"name": "a", "image": image}]}}
    rules_of("Pod").default(pod)
    assert pod["spec"]["containers"][0]["imagePullPolicy"] == policy


@pytest.mark.parametrize(
    ("limits", "requests", "expected"),
    [
        ({}, {}, "BestEffort"),
        ({"memory": "1Gi"}, {}, "Burstable"),
        ({}, {"cpu": "1"}, "Burstable"),
        ({"memory": "1Gi", "cpu": "1"}, {"memory": "1Gi", "cpu": "1"}, "Guaranteed"),
    ],
)
def test_quality_of_service(limits: Manifest, requests: Manifest, expected: str) -> None:
    assert qos_class({"containers": [{"resources": {"limits": limits, "requests": requests}}]}) == expected


# ---- selectors

keys = st.sampled_from(["app", "tier", "a.b/c"])
label_values = st.sampled_from(["", "x", "y-1", "Z_0"])
label_maps = st.dictionaries(keys, label_values)
requirements = st.builds(
    Requirement,
    keys,
    st.sampled_from(["In", "NotIn"]),
    st.lists(label_values, min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
) | st.builds(Requirement, keys, st.sampled_from(["Exists", "DoesNotExist"]))


def _written(requirement: Requirement) -> str:
    words = {"Exists": "", "DoesNotExist": "!"}
    if requirement.operator in words:
        return words[requirement.operator] + requirement.key
    operator = "in" if requirement.operator == "In" else "notin"
    return f"{requirement.key} {operator} ({', '.join(requirement.values)})"


@given(st.lists(requirements, min_size=1, max_size=4))
def test_a_selector_is_read_as_it_is_written(wanted: list[Requirement]) -> None:
    assert list(parse_labels(", ".join(_written(item) for item in wanted))) == wanted


@given(requirements, label_maps)
def test_an_operator_and_its_opposite(requirement: Requirement, labels: dict[str, str]) -> None:
    opposite = {"In": "NotIn", "NotIn": "In", "Exists": "DoesNotExist", "DoesNotExist": "Exists"}
    other = Requirement(requirement.key, opposite[requirement.operator], requirement.values)
    assert requirement.matches(labels) != other.matches(labels)


@given(label_maps, label_maps)
def test_a_map_selects_what_contains_it(selector: dict[str, str], labels: dict[str, str]) -> None:
    contains = selector.items() <= labels.items()
    assert matches_selector({"matchLabels": selector}, labels) is contains
    assert matches_map(selector, labels) is (contains and bool(selector))


@given(st.text(max_size=12))
def test_any_selector_is_read_or_refused(text: str) -> None:
    try:
        parse_labels(text)
    except ApiError as error:
        assert error.status == 400  # noqa: PT017 - reading it is right too


# ---- shelves


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()), max_size=30))
def test_a_shelf_keeps_its_order(steps: list[tuple[str, str, bool]]) -> None:
    shelf, model = Shelf(), {}
    for namespace, name, keep in steps:
        key = (namespace, name)
        if keep:
            model[key] = {"key": key}
            shelf.put(key, model[key])
        elif key in model:
            del model[key]
            shelf.remove(key)
    ordered = [model[key] for key in sorted(model)]
    assert shelf.list() == ordered
    assert shelf.list("a") == [item for item in ordered if item["key"][0] == "a"]
    assert shelf.list(after=("a", "y")) == [item for item in ordered if item["key"] > ("a", "y")]
