"""The objects that every cluster has from the start: its namespaces and default roles."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.access.user import AUTHENTICATED, MASTERS, UNAUTHENTICATED
from aiops.lab.kube.storage.store import ObjectStore

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_MANAGER = "kube-apiserver"
_GROUP = "rbac.authorization.k8s.io"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]

_CORE = ["configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "serviceaccounts", "services"]
_APPS = ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets"]


def _rule(groups: list[str], resources: list[str], verbs: list[str]) -> dict[str, Any]:
    return {"apiGroups": groups, "resources": resources, "verbs": verbs}


_VIEW = [
    _rule([""], [*_CORE, "namespaces", "pods/log", "pods/status", "limitranges", "resourcequotas"], _READ),
    _rule(["apps"], _APPS, _READ),
    _rule(["batch"], ["cronjobs", "jobs"], _READ),
    _rule(["autoscaling"], ["horizontalpodautoscalers"], _READ),
    _rule(["policy"], ["poddisruptionbudgets"], _READ),
    _rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], _READ),
    _rule(["discovery.k8s.io"], ["endpointslices"], _READ),
]
_EDIT = [
    *_VIEW,
    _rule([""], [*_CORE, "secrets", "pods/eviction"], [*_READ, *_WRITE]),
    _rule(["apps"], _APPS, _WRITE),
    _rule(["batch"], ["cronjobs", "jobs"], _WRITE),
    _rule(["autoscaling"], ["horizontalpodautoscalers"], _WRITE),
    _rule(["policy"], ["poddisruptionbudgets"], _WRITE),
    _rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], _WRITE),
]
_ROLES: dict[str, list[dict[str, Any]]] = {
    "cluster-admin": [_rule(["*"], ["*"], ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}],
    "admin": [*_EDIT, _rule([_GROUP], ["rolebindings", "roles"], [*_READ, *_WRITE])],
    "edit": _EDIT,
    "view": _VIEW,
    "system:basic-user": [
        _rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"])
    ],
    "system:discovery": [
        {"nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/openapi/*", "/version"], "verbs": ["get"]}
    ],
    "system:public-info-viewer": [{"nonResourceURLs": ["/version"], "verbs": ["get"]}],
}
_BINDINGS = {
    "cluster-admin": [MASTERS],
    "system:basic-user": [AUTHENTICATED],
    "system:discovery": [AUTHENTICATED],
    "system:public-info-viewer": [AUTHENTICATED, UNAUTHENTICATED],
}


def bootstrap(store: ObjectStore) -> None:
    """Create them in a new store."""
    for name in NAMESPACES:
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, manager=_MANAGER)
    for name, rules in _ROLES.items():
        role = {"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": _metadata(name), "rules": rules}
        store.create(role, manager=_MANAGER)
    for name, groups in _BINDINGS.items():
        store.create(_binding(name, groups), manager=_MANAGER)


def _metadata(name: str) -> dict[str, Any]:
    return {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}


def _binding(name: str, groups: list[str]) -> dict[str, Any]:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": _metadata(name),
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "Group", "name": group, "apiGroup": _GROUP} for group in groups],
    }
