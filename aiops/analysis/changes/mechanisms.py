"""What a change to a field could break, read from the field's path."""

from __future__ import annotations

import re

from aiops.core.changes import Change, FieldChange
from aiops.core.mechanism import Mechanism

_BY_PATH: tuple[tuple[str, str, Mechanism], ...] = (
    ("Service", r"^spec\.selector", Mechanism.CONFIG_SELECTOR),
    ("Service", r"^spec\.ports", Mechanism.CONFIG_TARGET_PORT),
    ("NetworkPolicy", r"", Mechanism.NETWORK_POLICY),
    ("Role|RoleBinding|ClusterRole|ClusterRoleBinding", r"", Mechanism.AUTH_RBAC_DENIED),
    ("ConfigMap|Secret", r"\btls\.crt\b", Mechanism.TLS_CERTIFICATE_EXPIRED),
    ("ConfigMap|Secret", r"^(data|binaryData|stringData)", Mechanism.CONFIG_ENV_VALUE),
    ("", r"\.image$", Mechanism.APP_VERSION),
    ("", r"\.(env|envFrom)\b", Mechanism.CONFIG_ENV_VALUE),
    ("", r"\.(command|args)\b", Mechanism.CONFIG_ENV_VALUE),
    ("", r"\.resources\.(limits|requests)\.memory$", Mechanism.RESOURCE_MEMORY_LIMIT),
    ("", r"\.resources\.(limits|requests)\.cpu$", Mechanism.RESOURCE_CPU_LIMIT),
    ("", r"\.(readiness|liveness|startup)Probe\b", Mechanism.CONFIG_PROBE),
    ("", r"\.(nodeSelector|affinity|tolerations)\b", Mechanism.SCHEDULING_NODE_SELECTOR),
    ("", r"\.serviceAccountName$", Mechanism.AUTH_RBAC_DENIED),
    ("HorizontalPodAutoscaler", r"^spec\.(min|max)Replicas$", Mechanism.SCALING_REPLICAS),
    ("", r"^spec\.replicas$", Mechanism.SCALING_REPLICAS),
)


def mechanism_of(change: Change, field: FieldChange) -> Mechanism | None:
    """The mechanism that a change of this field would be, were it at fault; None for a field that breaks nothing."""
    kind = change.entity.kind
    if kind in ("ConfigMap", "Secret") and field.new is None and field.old is not None:
        return Mechanism.CONFIG_MISSING_KEY
    for kinds, path, mechanism in _BY_PATH:
        if (not kinds or kind in kinds.split("|")) and re.search(path, field.path):
            return mechanism
    return None


_WHOLE: dict[tuple[str, str], Mechanism] = {
    ("NetworkPolicy", "created"): Mechanism.NETWORK_POLICY,
    ("NetworkPolicy", "deleted"): Mechanism.NETWORK_POLICY,
    ("ConfigMap", "deleted"): Mechanism.CONFIG_MISSING_KEY,
    ("Secret", "deleted"): Mechanism.CONFIG_MISSING_KEY,
    **{
        (kind, "deleted"): Mechanism.AUTH_RBAC_DENIED
        for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount")
    },
}


def mechanism_of_object(change: Change) -> Mechanism | None:
    """The mechanism that an object's coming or going would be, were it at fault."""
    return _WHOLE.get((change.entity.kind, change.verb))
