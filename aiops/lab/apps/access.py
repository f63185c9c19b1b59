"""The Roles with which an application's programs read from the Kubernetes API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.apps.model import ApiRead, Application

_GROUP = "rbac.authorization.k8s.io"


def access_manifests(application: Application) -> list[Manifest]:
    """A Role and a RoleBinding for every service account whose program reads something."""
    made: list[Manifest] = []
    for name, workload in application.workloads.items():
        reads = application.programs[workload.program].reads
        if reads:
            namespace, account = workload.namespace or application.namespace, workload.service_account or name
            made += [_role(namespace, account, reads), _binding(namespace, account)]
    return made


def _role(namespace: str, account: str, reads: Iterable[ApiRead]) -> Manifest:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "Role",
        "metadata": {"name": f"{account}-reader", "namespace": namespace},
        "rules": [_rule(read) for read in reads],
    }


def _rule(read: ApiRead) -> dict[str, Any]:
    verbs = ["get"] if read.name else ["list", "watch"]
    rule: dict[str, Any] = {"apiGroups": [read.group], "resources": [read.resource], "verbs": verbs}
    return {**rule, "resourceNames": [read.name]} if read.name else rule


def _binding(namespace: str, account: str) -> Manifest:
    return {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": f"{account}-reader", "namespace": namespace},
        "roleRef": {"apiGroup": _GROUP, "kind": "Role", "name": f"{account}-reader"},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }
