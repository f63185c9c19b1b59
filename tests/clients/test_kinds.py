"""Paths of the Kubernetes API."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kinds import RESOURCES, Resource


@pytest.mark.parametrize(
    ("kind", "arguments", "path"),
    [
        ("Pod", ("hotel", "geo", "log"), "/api/v1/namespaces/hotel/pods/geo/log"),
        ("Pod", (), "/api/v1/pods"),
        ("Node", ("", "node-1"), "/api/v1/nodes/node-1"),
        ("Node", ("hotel", "node-1"), "/api/v1/nodes/node-1"),
        ("Deployment", ("hotel",), "/apis/apps/v1/namespaces/hotel/deployments"),
        ("NetworkPolicy", ("a", "b"), "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/b"),
        ("ClusterRole", ("", "system:node"), "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode"),
    ],
)
def test_paths(kind, arguments, path):
    assert RESOURCES[kind].path(*arguments) == path


def test_api_versions():
    assert RESOURCES["Pod"].api_version == "v1"
    assert RESOURCES["Deployment"].api_version == "apps/v1"


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_cannot_leave_their_place(namespace, name):
    path = Resource("Pod", "", "v1", "pods").path(namespace, name)
    assert path.count("/") == 6
    assert "?" not in path
    assert "#" not in path
