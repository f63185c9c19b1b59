"""Which paths and methods there are for a resource."""

from __future__ import annotations

from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.errors import method_not_allowed, unknown_path
from aiops.lab.kube.kinds.resources import Resource

_LONGEST = {"proxy": 99}
"""Subresources below which paths go on."""


def check_place(info: RequestInfo, resource: Resource, method: str) -> None:
    """Refuse a path that no resource has, and a method that a path does not take. Raises 404, 405."""
    if info.subresource and info.subresource not in resource.subresources:
        raise unknown_path()
    if info.namespace and not resource.namespaced and resource.kind != "Namespace":
        raise unknown_path()
    if "//" in info.path or len(info.path.rstrip("/").split("/")) > _depth(info):
        raise unknown_path()
    if resource.namespaced and not info.namespace:
        if info.name:
            raise unknown_path()
        if method not in ("GET", "HEAD") and resource.verbs != ("create",):
            raise method_not_allowed()
    if method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        raise method_not_allowed()
    verbs = resource.verbs
    if not info.subresource and info.verb in ("list", "watch", "create", "deletecollection") and info.verb not in verbs:
        raise method_not_allowed()


def _depth(info: RequestInfo) -> int:
    """The parts of the longest path that the names in it make up."""
    if info.subresource in _LONGEST:
        return _LONGEST[info.subresource]
    start = 4 if info.group else 3
    namespace = 2 if info.namespace and info.plural != "namespaces" else 0
    watch = 1 if "/watch/" in info.path else 0
    return start + namespace + watch + 1 + bool(info.name) + bool(info.subresource)
