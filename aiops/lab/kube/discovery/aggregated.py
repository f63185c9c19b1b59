"""Aggregated discovery: all groups, versions and resources in one document (`apidiscovery.k8s.io/v2`)."""

from __future__ import annotations

from aiops.lab.kube.discovery.documents import Document, groups, resources, versions
from aiops.lab.kube.discovery.subresources import part_of
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import Resource


def aggregated(catalog: Catalog, path: str) -> Document:
    """The document of `/api` (the core group) or of `/apis` (all others)."""
    wanted = [name for name in groups(catalog) if (name == "") is (path.strip("/") == "api")]
    items = [_group(catalog, name) for name in wanted]
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _group(catalog: Catalog, name: str) -> Document:
    described = [
        {
            "version": version,
            "resources": [_resource(each) for each in resources(catalog, name, version)],
            "freshness": "Current",
        }
        for version in versions(catalog, name)
    ]
    return {"metadata": {"name": name} if name else {}, "versions": described}


def _resource(resource: Resource) -> Document:
    entry: Document = {
        "resource": resource.plural,
        "responseKind": _kind(resource, resource.kind),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short:
        entry["shortNames"] = list(resource.short)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if resource.subresources:
        entry["subresources"] = [_subresource(resource, name) for name in sorted(resource.subresources)]
    return entry


def _kind(resource: Resource, kind: str) -> Document:
    """The kind of an answer; that of a built-in resource is of its own group and version."""
    custom = resource.custom is not None
    return {"group": resource.group if custom else "", "version": resource.version if custom else "", "kind": kind}


def _subresource(resource: Resource, name: str) -> Document:
    part = part_of(resource, name)
    kind = (
        {"group": part.group, "version": part.version, "kind": part.kind} if part.group else _kind(resource, part.kind)
    )
    return {"subresource": name, "responseKind": kind, "verbs": list(part.verbs)}
