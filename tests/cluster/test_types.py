"""The lab's table of types is that of the control plane: fields, formats, marks, required ones, kinds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aiops.lab.kube.discovery.openapi.documents import OpenApi
from aiops.lab.kube.discovery.version import VERSION
from aiops.lab.kube.kinds.catalog import Catalog
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.cluster

_OF_DISCOVERY = ("APIGroup", "APIResource", "APIVersions", "GroupVersionForDiscovery", "ServerAddressByClientCIDR",
                 "Info", "Patch", "WatchEvent")  # fmt: skip
"""Types that no kind of object holds: clients know them without being told."""

_UNTOLD = ("io.k8s.api.core.v1.PersistentVolumeClaimStatus", "allocatedResourceStatuses")
"""A map whose values are enumerated, which the table does not say."""


def _bare(value: Any) -> Any:
    """A schema without its descriptions."""
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if key != "description" or isinstance(item, dict)}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def test_every_field_of_every_kind_is_as_published(admin: Kubectl) -> None:
    minor = json.loads(admin.run("get", "--raw", "/version"))["minor"]
    if minor.rstrip("+") != VERSION["minor"]:
        pytest.skip(f"the cluster is of 1.{minor}, the lab of 1.{VERSION['minor']}")
    published = json.loads(admin.run("get", "--raw", "/openapi/v2"))["definitions"]
    ours = json.loads(OpenApi(Catalog()).whole()[1])["definitions"]
    found: list[tuple[str, str]] = []
    built_in = {name: schema for name, schema in published.items() if name.startswith("io.k8s.")}
    for name, schema in built_in.items():
        if name.rpartition(".")[2].removesuffix("List") in _OF_DISCOVERY:
            continue
        own = ours.get(name, {})
        if set(schema.get("required", ())) != set(own.get("required", ())):
            found.append((name, "required"))
        properties = own.get("properties", {})
        found += [
            (name, field)
            for field, value in schema.get("properties", {}).items()
            if _bare(value) != _bare(properties.get(field)) and (name, field) != _UNTOLD
        ]
    assert len(built_in) > 500
    assert found == []
