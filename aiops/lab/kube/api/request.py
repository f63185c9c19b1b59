"""What an HTTP request asks of which resource: Kubernetes' request info."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_FALSE = ("0", "false")


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """`verb` is Kubernetes' (`list`, `watch`), for a path outside the API the HTTP method in lower case. Empty strings
    stand for what the path does not name."""

    path: str
    verb: str
    is_resource: bool = False
    group: str = ""
    version: str = ""
    plural: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def parse_request(method: str, path: str, query: Mapping[str, str]) -> RequestInfo:
    """Read `/api/v1/...` and `/apis/group/version/...`; `watch/` before the resource is the old way to ask for one."""
    parts = [part for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return RequestInfo(path, method.lower())
    watches = rest[0] == "watch" and len(rest) > 1
    if watches:
        rest = rest[1:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        # Below a namespace is either another resource or the namespace's own subresource.
        if len(rest) > 2 and rest[2] not in ("status", "finalize"):
            rest = rest[2:]
    plural, name, subresource = (*rest, "", "")[:3]
    verb = "watch" if watches and method in ("GET", "HEAD") else _verb(method, name, query)
    return RequestInfo(path, verb, True, group, version, plural, namespace, name, subresource)


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    if method in ("GET", "HEAD"):
        if name:
            return "get"
        return "watch" if "watch" in query and query["watch"].lower() not in _FALSE else "list"
    if method == "DELETE":
        return "delete" if name else "deletecollection"
    return _VERBS.get(method, method.lower())
