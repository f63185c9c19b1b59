"""Bodies of the wrong shape are refused, whatever they hold."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore, bootstrap
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.schema.shapes import check_shape


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"spec": []}, "spec"),
        ({"spec": {"containers": {}}}, "spec.containers"),
        ({"spec": {"containers": ["a"]}}, "spec.containers"),
        ({"spec": {"containers": [{"readinessProbe": {"periodSeconds": "5"}}]}}, "readinessProbe.periodSeconds"),
        ({"spec": {"replicas": True}}, "spec.replicas"),
        ({"spec": {"template": {"metadata": {"labels": {"a": 1}}}}}, "spec.template.metadata.labels"),
        ({"spec": {"selector": "app"}}, "spec.selector"),
        ({"rules": [{"verbs": "get"}]}, "rules[0].verbs"),
        ({"data": {"a": 1}}, "data"),
    ],
)
def test_a_wrong_type_is_named(body: Manifest, path: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_shape(body)
    assert refused.value.status == 400
    assert path in str(refused.value)


def test_keys_of_maps_are_anybodys() -> None:
    check_shape({"data": {"replicas": "3", "spec": ""}, "metadata": {"labels": {"name": "x"}}, "status": {"spec": 1}})


scalars = st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["", "a", "80"])
fields = st.sampled_from(
    ["spec", "metadata", "name", "labels", "containers", "image", "ports", "selector", "template", "replicas", "type",
     "strategy", "rules", "subjects", "roleRef", "resources", "limits", "env", "valueFrom", "volumes", "data",
     "clusterIP", "targetPort", "port", "rollingUpdate", "maxSurge", "policyTypes", "podSelector", "kind"]
)  # fmt: skip
bodies = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(fields, inner, max_size=4), max_leaves=15
)
KINDS = [("apps/v1", "Deployment"), ("v1", "Pod"), ("v1", "Service"), ("v1", "ConfigMap"), ("v1", "Node")]
KINDS += [("rbac.authorization.k8s.io/v1", "RoleBinding"), ("networking.k8s.io/v1", "NetworkPolicy")]


@given(st.sampled_from(KINDS), st.dictionaries(fields, bodies, max_size=5))
def test_any_body_is_stored_or_refused(kind: tuple[str, str], body: dict[str, Any]) -> None:
    store = ObjectStore(now=lambda: 0.0, rng=Random(0))
    bootstrap(store)
    try:
        store.create({**body, "apiVersion": kind[0], "kind": kind[1], "metadata": {"name": "a"}}, manager="m")
    except ApiError as error:
        assert error.status in (400, 404, 422)  # noqa: PT017 - storing it is right too
