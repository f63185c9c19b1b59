"""The documents that tell a client which kinds there are, one for each group and version."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from aiops.lab.kube.discovery.subresources import part_of
from aiops.lab.kube.discovery.version import VERSION
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import METRICS, RESOURCES, Resource

Document = dict[str, Any]

_BUILT_IN = tuple(dict.fromkeys(resource.group for resource in RESOURCES))
_AGGREGATED = tuple(dict.fromkeys(resource.group for resource in METRICS))
_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_MATURITY = {"alpha": 0, "beta": 1, None: 2}


def document(catalog: Catalog, path: str, host: str) -> Document | None:
    """What a discovery path answers with, or None where it is none."""
    parts = [part for part in path.split("/") if part]
    if parts == ["version"]:
        return VERSION
    if parts == ["api"]:
        address = {"clientCIDR": "0.0.0.0/0", "serverAddress": host}
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]}
    if parts == ["apis"]:
        described = [_group(catalog, name) for name in groups(catalog) if name]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": described}
    if len(parts) == 2 and parts[0] == "apis" and parts[1] in groups(catalog):
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(catalog, parts[1])}
    if parts == ["api", "v1"]:
        return _resource_list(catalog, "", "v1")
    if len(parts) == 3 and parts[0] == "apis":
        return _resource_list(catalog, parts[1], parts[2])
    return None


def groups(catalog: Catalog) -> list[str]:
    """The API groups in the order of their priorities: built-in ones, custom ones by name, those of other servers."""
    found = dict.fromkeys(resource.group for resource in catalog)
    custom = sorted(name for name in found if name not in _BUILT_IN and name not in _AGGREGATED)
    return [name for name in (*_BUILT_IN, *custom, *_AGGREGATED) if name in found]


def versions(catalog: Catalog, group: str) -> list[str]:
    """The versions of a group, the preferred one first."""
    found = list(dict.fromkeys(resource.version for resource in catalog if resource.group == group))
    return found if group in _BUILT_IN else sorted(found, key=_maturity, reverse=True)


def _maturity(version: str) -> tuple[int, int, int]:
    match = _VERSION.fullmatch(version)
    if match is None:
        return (-1, 0, 0)
    return (_MATURITY[match[2]], int(match[1]), int(match[3] or 0))


def resources(catalog: Catalog, group: str, version: str) -> list[Resource]:
    """The resources of a group and version by name."""
    found = (each for each in catalog if (each.group, each.version) == (group, version))
    return sorted(found, key=lambda each: each.plural)


def _group(catalog: Catalog, name: str) -> Document:
    entries = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions(catalog, name)]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def _resource_list(catalog: Catalog, group: str, version: str) -> Document | None:
    found = resources(catalog, group, version)
    if not found:
        return None
    entries = [entry for each in found for entry in _entries(catalog, each)]
    head = {"apiVersion": "v1"} if group else {}
    name = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", **head, "groupVersion": name, "resources": entries}


def _entries(catalog: Catalog, resource: Resource) -> list[Document]:
    main: Document = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short:
        main["shortNames"] = list(resource.short)
    if resource.categories:
        main["categories"] = list(resource.categories)
    if "watch" in resource.verbs:
        main["storageVersionHash"] = _storage_hash(catalog.stored(resource.shelf))
    return [main, *(_subresource(resource, name) for name in _parts(resource))]


def _parts(resource: Resource) -> Sequence[str]:
    """By name; those of custom kinds as apiextensions names them."""
    return resource.subresources if resource.custom else sorted(resource.subresources)


_STORED_AS = dict.fromkeys(
    ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "CustomResourceDefinition"), "v1beta1"
)
"""Kinds that Kubernetes stores in a version that is not served."""


def _storage_hash(stored: Resource) -> str:
    """As the API server's `StorageVersionHash`."""
    version = _STORED_AS.get(stored.kind, stored.version)
    digest = sha256(f"{stored.group}/{version}/{stored.kind}".encode()).digest()
    return b64encode(digest[:8]).decode()


def _subresource(resource: Resource, name: str) -> Document:
    part = part_of(resource, name)
    entry: Document = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": part.kind,
        "verbs": list(part.verbs),
    }
    return {**entry, "group": part.group, "version": part.version} if part.version else entry
