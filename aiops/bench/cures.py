"""Changes that everybody thinks of: what must not pass for a cure, and what simple strategies do."""

from __future__ import annotations

from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.wellknown import RESTARTED_AT

SCALED = ("Deployment", "StatefulSet")
WORKLOADS = (*SCALED, "DaemonSet")
DELETED = (*WORKLOADS, "Service", "Ingress", "NetworkPolicy", "ConfigMap")


async def restart_everything(kube: KubernetesApi, namespace: str, now: float) -> None:
    """`kubectl rollout restart` of every workload."""
    annotations = {RESTARTED_AT: rfc3339(now)}
    for workload in await _all(kube, namespace, WORKLOADS):
        await kube.patch(workload, {"spec": {"template": {"metadata": {"annotations": annotations}}}}, "strategic")


async def delete_everything(kube: KubernetesApi, namespace: str) -> None:
    """Delete all workloads and what belongs to them; nothing is left that could fail."""
    for item in await _all(kube, namespace, DELETED):
        await kube.delete(item)


async def scale_to_zero(kube: KubernetesApi, namespace: str) -> None:
    """Scale all workloads to zero; no pod is left that could be unready."""
    for workload in await _all(kube, namespace, SCALED):
        await kube.patch(workload, {"spec": {"replicas": 0}}, "merge")


async def _all(kube: KubernetesApi, namespace: str, kinds: tuple[str, ...]) -> list[Entity]:
    return [Entity.of(item) for kind in kinds for item in await kube.list(kind, namespace)]
