"""Gives the assistant's service account the rights that its tools need in a lab, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Manifest
from aiops.core.errors import ConflictError
from aiops.tools.access import changer_role, reader_role

ACCOUNT = {"kind": "ServiceAccount", "namespace": "aiops", "name": "aiops"}
RBAC = "rbac.authorization.k8s.io"


async def grant_assistant_access(kubeconfig: Path, namespace: str) -> None:
    """Create account, roles and bindings: reading everywhere, changing in `namespace` alone."""
    kube = KubernetesClient.connect(load_access(kubeconfig), field_manager="helm")
    reader, changer = reader_role(), changer_role()
    for manifest in (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ACCOUNT["namespace"]}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata(ACCOUNT["name"], ACCOUNT["namespace"])},
        reader,
        changer,
        _binding("ClusterRoleBinding", reader, {"name": "aiops-reader"}),
        _binding("RoleBinding", changer, _metadata("aiops-changer", namespace)),
    ):
        try:
            await kube.create(manifest)
        except ConflictError:
            await kube.replace(manifest)
    await kube.close()


def _metadata(name: str, namespace: str) -> dict[str, str]:
    return {"name": name, "namespace": namespace}


def _binding(kind: str, role: Manifest, metadata: dict[str, Any]) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role["metadata"]["name"]},
        "subjects": [ACCOUNT],
    }
