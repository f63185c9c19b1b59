"""Gives the assistant's service account the rights that its tools need in a lab, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.errors import ConflictError
from aiops.tools.kit.access import manifests


async def grant_assistant_access(kubeconfig: Path, namespaces: Sequence[str]) -> None:
    """Create account, roles and bindings: reading everywhere, changing in `namespaces`, and objects of no namespace."""
    kube = KubernetesClient.connect(load_access(kubeconfig), field_manager="helm")
    for manifest in manifests(*namespaces, cluster_changes=True):
        try:
            await kube.create(manifest)
        except ConflictError:
            await kube.replace(manifest)
    await kube.close()
