"""Access reviews: objects that are answered and never stored."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import Access, Reader, allowed, rules_of
from aiops.lab.kube.access.user import AUTHENTICATED, User
from aiops.lab.kube.errors import bad_request


def review(reader: Reader, body: Manifest, user: User, namespace: str) -> Manifest:
    """Answer a review of any of the four kinds. `namespace` is that of the request's path. Raises 400."""
    kind, spec = body.get("kind"), body.get("spec") or {}
    if kind == "SelfSubjectRulesReview":
        return {**body, "metadata": body.get("metadata") or {}, "status": _rules(reader, user, spec)}
    if kind != "SelfSubjectAccessReview":
        user = User(spec.get("user") or "", (*(spec.get("groups") or ()), AUTHENTICATED))
        if not user.name and not spec.get("groups"):
            raise bad_request("spec.user: at least one of user or group must be specified")
    access = _access(spec)
    if kind == "LocalSubjectAccessReview" and access.namespace != namespace:
        raise bad_request("spec.resourceAttributes.namespace must match the namespace of the request")
    why = allowed(reader, user, access)
    status = {"allowed": True, "reason": f"RBAC: allowed by {why}"} if why else {"allowed": False}
    return {**body, "metadata": body.get("metadata") or {}, "status": status}


def _access(spec: dict[str, Any]) -> Access:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if bool(resource) == bool(path):
        raise bad_request("spec: exactly one of nonResourceAttributes or resourceAttributes must be specified")
    if path:
        return Access(path.get("verb", ""), path=path.get("path", ""))
    fields = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Access(**{field: str((resource or {}).get(field) or "") for field in fields})


def _rules(reader: Reader, user: User, spec: dict[str, Any]) -> dict[str, Any]:
    found = [rule for _, rule in rules_of(reader, user, spec.get("namespace", ""))]
    return {
        "resourceRules": [rule for rule in found if rule.get("resources")],
        "nonResourceRules": [rule for rule in found if rule.get("nonResourceURLs")],
        "incomplete": False,
    }
