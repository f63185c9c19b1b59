"""The documents that tell a client which kinds there are."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import Resource

VERSION = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.0",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2024-12-11T17:59:15Z",
    "goVersion": "go1.23.3",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_SUBRESOURCE_VERBS = {"log": ["get"], "eviction": ["create"]}
_SUBRESOURCE_KINDS = {"scale": ("autoscaling", "v1", "Scale"), "eviction": ("policy", "v1", "Eviction")}


def document(catalog: Catalog, path: str) -> dict[str, Any] | None:
    """What a discovery path answers with, or None where it is none."""
    parts = [part for part in path.split("/") if part]
    if parts == ["version"]:
        return VERSION
    if parts == ["api"]:
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if parts == ["apis"]:
        return {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [_group(catalog, name) for name in _groups(catalog)],
        }
    if len(parts) == 2 and parts[0] == "apis" and parts[1] in _groups(catalog):
        return {**_group(catalog, parts[1]), "kind": "APIGroup", "apiVersion": "v1"}
    if parts == ["api", "v1"]:
        return _resource_list(catalog, "", "v1")
    if len(parts) == 3 and parts[0] == "apis":
        return _resource_list(catalog, parts[1], parts[2])
    return None


def _groups(catalog: Catalog) -> list[str]:
    return list(dict.fromkeys(resource.group for resource in catalog if resource.group))


def _group(catalog: Catalog, name: str) -> dict[str, Any]:
    versions = list(dict.fromkeys(resource.version for resource in catalog if resource.group == name))
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def _resource_list(catalog: Catalog, group: str, version: str) -> dict[str, Any] | None:
    found = [resource for resource in catalog if (resource.group, resource.version) == (group, version)]
    if not found:
        return None
    entries = [entry for resource in found for entry in _entries(resource)]
    name = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": entries}


def _entries(resource: Resource) -> list[dict[str, Any]]:
    main: dict[str, Any] = {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short:
        main["shortNames"] = list(resource.short)
    if resource.categories:
        main["categories"] = list(resource.categories)
    return [main, *(_subresource(resource, name) for name in resource.subresources)]


def _subresource(resource: Resource, name: str) -> dict[str, Any]:
    group, version, kind = _SUBRESOURCE_KINDS.get(name, ("", "", resource.kind))
    entry: dict[str, Any] = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": kind,
        "verbs": _SUBRESOURCE_VERBS.get(name, ["get", "patch", "update"]),
    }
    return {**entry, "group": group, "version": version} if version else entry
