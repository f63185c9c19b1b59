"""Which fields of which kinds a machine may put back to what they were: none that decide what somebody may do."""

from __future__ import annotations

import re

from aiops.core.entity import WORKLOAD_KINDS

_TEMPLATE = r"^spec\.(replicas|minReadySeconds|progressDeadlineSeconds|paused|strategy|updateStrategy|template\.)"
_WEBHOOK = (
    r"^webhooks\[[^\]]+\]\."
    r"(failurePolicy|timeoutSeconds|namespaceSelector|objectSelector|matchConditions|matchPolicy|rules|clientConfig)"
)

_FIELDS: dict[str, str] = {
    **dict.fromkeys(WORKLOAD_KINDS, _TEMPLATE),
    "CronJob": r"^spec\.(suspend|schedule|timeZone|concurrencyPolicy|startingDeadlineSeconds)",
    "HorizontalPodAutoscaler": r"^spec\.",
    "Ingress": r"^(spec\.(rules|defaultBackend|ingressClassName)|metadata\.annotations)",
    "Job": r"^spec\.(suspend|parallelism|activeDeadlineSeconds)",
    "LimitRange": r"^spec\.limits",
    "MutatingWebhookConfiguration": _WEBHOOK,
    "Namespace": r"^metadata\.labels\[pod-security\.kubernetes\.io/",
    "Node": r"^(spec\.(unschedulable|taints)|metadata\.labels)",
    "PodDisruptionBudget": r"^spec\.",
    "ResourceQuota": r"^spec\.",
    "Service": r"^spec\.(type|ports|selector|internalTrafficPolicy|externalTrafficPolicy|sessionAffinity"
    r"|publishNotReadyAddresses|trafficDistribution|externalName)",
    "StorageClass": r"^(metadata\.annotations\[storageclass\.kubernetes\.io/is-default-class\]|allowVolumeExpansion)",
    "ValidatingWebhookConfiguration": _WEBHOOK,
}
_RUNS_CODE = re.compile(r"-snippet\b|lua")
"""Annotations of gateways that hold program text."""

KINDS = tuple(_FIELDS)


def may_restore(kind: str, path: str) -> bool:
    """May this field of this kind be put back? What a pod template may not change is told apart elsewhere."""
    allowed = _FIELDS.get(kind)
    return bool(allowed and re.search(allowed, path)) and not _RUNS_CODE.search(path)
