"""What a change to a field could break, read from the field's path."""

from __future__ import annotations

import re

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


_LIMITS = re.compile(r"\.resources\.(limits|requests)\.(cpu|memory)$")
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
    found = _LIMITS.search(field.path)
    if found is None:
        return False
    if found[1] == "requests":
        return True
    if field.new is None:
        return True
    try:
        return field.old is not None and parse_quantity(field.new) >= parse_quantity(field.old)
    except InvalidInputError:
        return False


_WHOLE: dict[tuple[str, str], Mechanism] = {
    ("NetworkPolicy", "created"): Mechanism.NETWORK_POLICY,
    ("NetworkPolicy", "deleted"): Mechanism.NETWORK_POLICY,
    ("ConfigMap", "deleted"): Mechanism.CONFIG_MISSING_KEY,
    ("Secret", "deleted"): Mechanism.CONFIG_MISSING_KEY,
    ("Service", "deleted"): Mechanism.CONFIG_SELECTOR,
    **{
        (kind, "deleted"): Mechanism.AUTH_RBAC_DENIED
        for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount")
    },
}


def mechanism_of_object(change: Change) -> Mechanism | None:
    """The mechanism that an object's coming or going would be, were it at fault."""
    return _WHOLE.get((change.entity.kind, change.verb))
