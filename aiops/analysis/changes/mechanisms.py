"""What a change to a field could break, read from the field's path."""

from __future__ import annotations

import re
from typing import Any

from aiops.core.changes import Change, FieldChange
from aiops.core.errors import InvalidInputError
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity

_BY_PATH: tuple[tuple[str, str, Mechanism], ...] = (
    ("Service", r"^spec\.selector", Mechanism.CONFIG_SELECTOR),
    ("Service", r"^spec\.ports", Mechanism.CONFIG_TARGET_PORT),
    ("NetworkPolicy", r"", Mechanism.NETWORK_POLICY),
    ("Role|RoleBinding|ClusterRole|ClusterRoleBinding", r"", Mechanism.AUTH_RBAC_DENIED),
    ("ConfigMap|Secret", r"\btls\.crt\b", Mechanism.TLS_CERTIFICATE_EXPIRED),
    ("Ingress", r"^spec\.tls\b", Mechanism.TLS_CERTIFICATE_EXPIRED),
    ("ConfigMap|Secret", r"^(data|binaryData|stringData)", Mechanism.CONFIG_ENV_VALUE),
    ("Node", r"^spec\.unschedulable$", Mechanism.SCHEDULING_CORDON),
    ("Node", r"^spec\.taints\b", Mechanism.SCHEDULING_TAINT),
    ("Node", r"^metadata\.labels", Mechanism.SCHEDULING_NODE_SELECTOR),
    ("PodDisruptionBudget", r"^spec\.", Mechanism.SCHEDULING_DISRUPTION_BUDGET),
    ("ResourceQuota", r"^spec\.", Mechanism.RESOURCE_QUOTA),
    ("LimitRange", r"^spec\.", Mechanism.RESOURCE_LIMIT_RANGE),
    (
        "MutatingWebhookConfiguration|ValidatingWebhookConfiguration",
        r"\.(failurePolicy|timeoutSeconds|clientConfig)\b",
        Mechanism.ADMISSION_WEBHOOK,
    ),
    ("MutatingWebhookConfiguration", r"^webhooks\b", Mechanism.RESOURCE_MUTATED),
    ("ValidatingWebhookConfiguration", r"^webhooks\b", Mechanism.ADMISSION_WEBHOOK),
    ("Namespace", r"pod-security\.kubernetes\.io/enforce\b", Mechanism.ADMISSION_POD_SECURITY),
    ("StorageClass", r"", Mechanism.STORAGE_CLASS),
    ("PersistentVolumeClaim", r"^spec\.", Mechanism.STORAGE_CLAIM),
    ("HorizontalPodAutoscaler", r"^spec\.(min|max)Replicas$", Mechanism.SCALING_BOUNDS),
    ("HorizontalPodAutoscaler", r"^spec\.behavior\.scaleUp\b", Mechanism.SCALING_BOUNDS),
    ("HorizontalPodAutoscaler", r"^spec\.behavior\b", Mechanism.SCALING_FLAPPING),
    ("HorizontalPodAutoscaler", r"^spec\.(metrics|scaleTargetRef)\b", Mechanism.SCALING_METRIC),
    ("", r"\.image$", Mechanism.APP_VERSION),
    ("", r"\.(env|envFrom)\b", Mechanism.CONFIG_ENV_VALUE),
    ("", r"\.(command|args)\b", Mechanism.CONFIG_ENV_VALUE),
    ("", r"\.resources\.limits\.memory$", Mechanism.RESOURCE_MEMORY_LIMIT),
    ("", r"\.resources\.limits\.cpu$", Mechanism.RESOURCE_CPU_LIMIT),
    ("", r"\.resources\.(limits|requests)\[[^\]]+/[^\]]+\]$", Mechanism.ACCELERATOR_SHAPE),
    ("", r"\.resources\.requests\b", Mechanism.SCHEDULING_REQUEST),
    ("", r"\.(readiness|liveness|startup)Probe\b", Mechanism.CONFIG_PROBE),
    ("", r"\.(nodeSelector|nodeAffinity)\b", Mechanism.SCHEDULING_NODE_SELECTOR),
    ("", r"\.(affinity|topologySpreadConstraints)\b", Mechanism.SCHEDULING_ANTI_AFFINITY),
    ("", r"\.tolerations\b", Mechanism.SCHEDULING_TAINT),
    ("", r"\.(priorityClassName|preemptionPolicy)$", Mechanism.SCHEDULING_PREEMPTION),
    ("", r"\.(hostPort|hostNetwork)$", Mechanism.SCHEDULING_HOST_PORT),
    ("", r"\.emptyDir\b", Mechanism.RESOURCE_SHARED_MEMORY),
    ("", r"\.(persistentVolumeClaim|volumeClaimTemplates)\b", Mechanism.STORAGE_CLAIM),
    ("", r"\.securityContext\b", Mechanism.ADMISSION_POD_SECURITY),
    ("", r"\.serviceAccountName$", Mechanism.AUTH_RBAC_DENIED),
    ("", r"^spec\.replicas$", Mechanism.SCALING_REPLICAS),
)


_LIMITS = re.compile(r"\.resources\.limits\.(cpu|memory)$|^spec\.hard\b")
_REQUESTS = re.compile(r"\.resources\.requests\.(cpu|memory)$")
_COUNTS = re.compile(r"^spec\.(replicas|minReplicas|maxReplicas)$")


def mechanism_of(change: Change, field: FieldChange) -> Mechanism | None:
    """The mechanism that a change of this field would be, were it at fault; None for a field that breaks nothing,
    and for one that was only made larger where too little is what breaks."""
    kind = change.entity.kind
    if _grew(field):
        return None
    if kind in ("ConfigMap", "Secret") and field.new is None and field.old is not None:
        return Mechanism.CONFIG_MISSING_KEY
    for kinds, path, mechanism in _BY_PATH:
        if (not kinds or kind in kinds.split("|")) and re.search(path, field.path):
            return mechanism
    return None


def _grew(field: FieldChange) -> bool:
    """Does a limit or a number of replicas allow more than before? A request that shrinks takes nothing away."""
    if _COUNTS.search(field.path):
        return isinstance(field.old, int) and isinstance(field.new, int) and field.new >= field.old
    if _REQUESTS.search(field.path):
        return field.new is None or _more(field.old, field.new)
    return bool(_LIMITS.search(field.path)) and (field.new is None or _more(field.new, field.old))


def _more(larger: Any, smaller: Any) -> bool:
    """Is one quantity at least as large as the other? Not where one of them is missing or cannot be read."""
    try:
        return None not in (larger, smaller) and parse_quantity(larger) >= parse_quantity(smaller)
    except InvalidInputError:
        return False


_WHOLE: dict[tuple[str, str], Mechanism] = {
    ("NetworkPolicy", "created"): Mechanism.NETWORK_POLICY,
    ("NetworkPolicy", "deleted"): Mechanism.NETWORK_POLICY,
    ("ConfigMap", "deleted"): Mechanism.CONFIG_MISSING_KEY,
    ("Secret", "deleted"): Mechanism.CONFIG_MISSING_KEY,
    ("Service", "deleted"): Mechanism.CONFIG_SELECTOR,
    ("ResourceQuota", "created"): Mechanism.RESOURCE_QUOTA,
    ("LimitRange", "created"): Mechanism.RESOURCE_LIMIT_RANGE,
    ("PodDisruptionBudget", "created"): Mechanism.SCHEDULING_DISRUPTION_BUDGET,
    ("MutatingWebhookConfiguration", "created"): Mechanism.RESOURCE_MUTATED,
    ("ValidatingWebhookConfiguration", "created"): Mechanism.ADMISSION_WEBHOOK,
    ("StorageClass", "deleted"): Mechanism.STORAGE_CLASS,
    ("PersistentVolumeClaim", "deleted"): Mechanism.STORAGE_CLAIM,
    **{
        (kind, "deleted"): Mechanism.AUTH_RBAC_DENIED
        for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount")
    },
}


def mechanism_of_object(change: Change) -> Mechanism | None:
    """The mechanism that an object's coming or going would be, were it at fault."""
    return _WHOLE.get((change.entity.kind, change.verb))
