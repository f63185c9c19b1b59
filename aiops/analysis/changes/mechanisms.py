"""What a change to a field could break, read from the field's path and, for a setting, from its values."""

from __future__ import annotations

import re
from typing import Any

from aiops.analysis.changes.attribution import CONTROLLERS
from aiops.analysis.changes.settings import is_shadowing, setting_mechanism
from aiops.core.changes import Change, FieldChange
from aiops.core.errors import InvalidInputError
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity

_POD = r"\.(?:template\.)?spec\."
_MAIN = r"\.containers\[[^\]]+\]"
GATEWAY_WAYS = (
    r"[^\]]*(rewrite|redirect|auth|limit|proxy|modsecurity|whitelist|denylist|backend-protocol|use-regex|cors)"
)
"""What annotations of an Ingress are called that have its gateway treat requests in a way of its own."""

WEBHOOKS = "MutatingWebhookConfiguration|ValidatingWebhookConfiguration"

_BY_PATH: tuple[tuple[str, str, Mechanism], ...] = (
    ("", r"^metadata\.finalizers", Mechanism.CONFIG_FINALIZER),
    ("Service", r"^spec\.selector", Mechanism.CONFIG_SELECTOR),
    ("Service", r"^spec\.ports", Mechanism.CONFIG_TARGET_PORT),
    ("Service", r"^spec\.(internalTrafficPolicy|externalTrafficPolicy|trafficDistribution|sessionAffinity)",
     Mechanism.NETWORK_TRAFFIC_POLICY),
    ("Service", r"^spec\.(externalName|type|clusterIP)", Mechanism.DNS_WRONG_ANSWER),
    ("NetworkPolicy", r"", Mechanism.NETWORK_POLICY),
    ("Role|RoleBinding|ClusterRole|ClusterRoleBinding", r"", Mechanism.AUTH_RBAC_DENIED),
    ("ConfigMap|Secret", r"\btls\.crt\b", Mechanism.TLS_CERTIFICATE_EXPIRED),
    ("ConfigMap", r"\bCorefile\b", Mechanism.DNS_WRONG_ANSWER),
    ("Secret", r"\.dockerconfigjson\b|\.dockercfg\b", Mechanism.IMAGE_CREDENTIALS),
    ("Secret", r"^(data|stringData)", Mechanism.AUTH_CREDENTIAL),
    ("Ingress", r"^spec\.tls\b", Mechanism.TLS_CERTIFICATE_EXPIRED),
    ("Ingress", rf"^metadata\.annotations\[{GATEWAY_WAYS}", Mechanism.NETWORK_PROXY),
    ("Ingress", r"^(spec\.(rules|defaultBackend|ingressClassName)|metadata\.annotations)", Mechanism.CONFIG_INGRESS),
    ("ConfigMap", r"^binaryData", Mechanism.CONFIG_FILE),
    ("ResourceQuota", r"^spec\.", Mechanism.RESOURCE_QUOTA),
    ("LimitRange", r"^spec\.", Mechanism.RESOURCE_LIMIT_RANGE),
    ("PodDisruptionBudget", r"^spec\.", Mechanism.SCHEDULING_DISRUPTION_BUDGET),
    ("PriorityClass", r"", Mechanism.SCHEDULING_PREEMPTION),
    ("StorageClass", r"", Mechanism.STORAGE_CLASS),
    ("PersistentVolume", r"\.nodeAffinity\b", Mechanism.STORAGE_AFFINITY),
    ("PersistentVolumeClaim|PersistentVolume", r"\.accessModes\b", Mechanism.STORAGE_ACCESS_MODE),
    ("PersistentVolumeClaim|PersistentVolume", r"^spec\.", Mechanism.STORAGE_CLAIM),
    ("MutatingWebhookConfiguration", r"^webhooks$|\.(rules|namespaceSelector|objectSelector|matchConditions)\b",
     Mechanism.RESOURCE_MUTATED),
    (WEBHOOKS, r"", Mechanism.ADMISSION_WEBHOOK),
    ("Namespace", r"pod-security\.kubernetes\.io/", Mechanism.ADMISSION_POD_SECURITY),
    ("Node", r"^spec\.unschedulable", Mechanism.SCHEDULING_CORDON),
    ("Node", r"^spec\.taints", Mechanism.SCHEDULING_TAINT),
    ("Node", r"^metadata\.labels", Mechanism.SCHEDULING_NODE_SELECTOR),
    ("HorizontalPodAutoscaler", r"^spec\.(min|max)Replicas$", Mechanism.SCALING_BOUNDS),
    ("HorizontalPodAutoscaler", r"^spec\.behavior\.scaleUp\b", Mechanism.SCALING_BOUNDS),
    ("HorizontalPodAutoscaler", r"^spec\.behavior", Mechanism.SCALING_FLAPPING),
    ("HorizontalPodAutoscaler", r"^spec\.", Mechanism.SCALING_METRIC),
    ("", r"^spec\.(strategy|updateStrategy|minReadySeconds|paused|progressDeadline)", Mechanism.ROLLOUT_STRATEGY),
    ("", _POD + r"(imagePullSecrets)\b|\.imagePullPolicy$", Mechanism.IMAGE_CREDENTIALS),
    ("", _POD + r"initContainers\b", Mechanism.CONFIG_INIT_CONTAINER),
    ("", r"\.(command|args|workingDir)\b", Mechanism.CONFIG_COMMAND),
    ("", r"\.hostPort$", Mechanism.SCHEDULING_HOST_PORT),
    ("", _MAIN + r"\.ports\b", Mechanism.CONFIG_TARGET_PORT),
    ("", _MAIN + r"\.volumeMounts\b|" + _POD + r"volumes\b.*\.(configMap|secret|projected)\b", Mechanism.CONFIG_FILE),
    ("", _POD + r"volumes\b.*\.emptyDir\b", Mechanism.RESOURCE_SHARED_MEMORY),
    ("", _POD + r"volumes\b", Mechanism.STORAGE_CLAIM),
    ("", r"\.resources\.(limits|requests)\[[^\]]+/[^\]]+\]$", Mechanism.ACCELERATOR_SHAPE),
    ("", r"\.resources\.limits\.memory$", Mechanism.RESOURCE_MEMORY_LIMIT),
    ("", r"\.resources\.limits\.cpu$", Mechanism.RESOURCE_CPU_LIMIT),
    ("", r"\.resources\.", Mechanism.SCHEDULING_REQUEST),
    ("", r"\.(readiness|liveness|startup)Probe\b", Mechanism.CONFIG_PROBE),
    ("", r"\.securityContext\b|" + _POD + r"host(Network|PID|IPC)$", Mechanism.ADMISSION_POD_SECURITY),
    ("StatefulSet", r"\.volumeClaimTemplates\b", Mechanism.STORAGE_CLASS),
    ("", r"\.tolerations\b", Mechanism.SCHEDULING_TAINT),
    ("", r"\.(podAntiAffinity|podAffinity|topologySpreadConstraints)\b", Mechanism.SCHEDULING_ANTI_AFFINITY),
    ("", r"\.(nodeSelector|affinity|nodeName)\b", Mechanism.SCHEDULING_NODE_SELECTOR),
    ("", r"\.priorityClassName$", Mechanism.SCHEDULING_PREEMPTION),
    ("", r"\.(dnsPolicy|dnsConfig|hostAliases)\b", Mechanism.DNS_POLICY),
    ("", r"(^|\.)automountServiceAccountToken$", Mechanism.AUTH_CREDENTIAL),
    ("", r"\.(serviceAccountName|serviceAccount)$", Mechanism.AUTH_RBAC_DENIED),
    ("", r"\.annotations\[kubernetes\.io/(ingress|egress)-bandwidth\]$", Mechanism.NETWORK_BANDWIDTH),
    ("", _MAIN + r"$", Mechanism.CONFIG_SIDECAR),
    ("", r"^spec\.replicas$", Mechanism.SCALING_REPLICAS),
)  # fmt: skip
"""Kinds (none: any), the path, and the mechanism; the first that fits counts."""

_TRAFFIC = re.compile(r"^spec\.(internalTrafficPolicy|externalTrafficPolicy|trafficDistribution)$")
_IMAGE = re.compile(r"\.image$")
_VARIABLES = re.compile(r"\.(env|envFrom)\b")
_DATA = re.compile(r"^(data|stringData)\b")
_LIMITS = re.compile(r"\.resources\.(limits|requests)\.(cpu|memory)$")
_COUNTS = re.compile(r"^spec\.(replicas|minReplicas|maxReplicas)$")


def mechanism_of(change: Change, field: FieldChange) -> Mechanism | None:
    """The mechanism that a change of this field would be, were it at fault; None for a field that breaks nothing,
    and for one that was only made larger where too little is what breaks."""
    kind = change.entity.kind
    if _grew(field) or _is_scaled(change, field):
        return None
    if kind in ("ConfigMap", "Secret") and _DATA.search(field.path) and field.new is None and field.old is not None:
        return Mechanism.CONFIG_MISSING_KEY
    if kind == "Node" and field.path.startswith("spec.taints") and _is_own_taint(field):
        return None
    if kind == "Service" and _TRAFFIC.search(field.path) and field.new in (None, "Cluster"):
        return None  # now every endpoint may be sent to
    if field.path.endswith(".affinity") and _keeps_away(field.new):
        return Mechanism.SCHEDULING_ANTI_AFFINITY
    found = next((m for path in _paths(field) if (m := _by_path(kind, path)) is not None), None)
    if found is not None:
        return found
    if _IMAGE.search(field.path):
        return image_mechanism(field)
    if _VARIABLES.search(field.path):
        return _of_variables(field)
    return setting_mechanism(field) if kind == "ConfigMap" and _DATA.search(field.path) else None


def _is_own_taint(field: FieldChange) -> bool:
    """Does the cluster itself write these taints, to follow what it sees of a node?"""
    taints = field.new if isinstance(field.new, list) else [field.new]
    keys = [str(taint.get("key", "")) if isinstance(taint, dict) else str(taint or "") for taint in taints]
    return all(key.startswith("node.kubernetes.io/") for key in keys)


def _keeps_away(affinity: object) -> bool:
    return isinstance(affinity, dict) and not affinity.get("nodeAffinity") and bool(affinity)


def _paths(field: FieldChange) -> list[str]:
    """The path of a field; where annotations came or went as a whole, that of each."""
    if not field.path.endswith("metadata.annotations"):
        return [field.path]
    values = [value for value in (field.new, field.old) if isinstance(value, dict)]
    return [*(f"{field.path}[{name}]" for value in values for name in sorted(value)), field.path]


def _by_path(kind: str, path: str) -> Mechanism | None:
    for kinds, pattern, mechanism in _BY_PATH:
        if (not kinds or kind in kinds.split("|")) and re.search(pattern, path):
            return mechanism
    return None


def image_mechanism(field: FieldChange) -> Mechanism:
    """Another tag is another version; another repository is another program, unless only the registry changed."""
    old, new = _program(field.old), _program(field.new)
    return Mechanism.IMAGE_WRONG if old and new and old != new else Mechanism.APP_VERSION


def _program(image: object) -> str:
    """The last part of an image's repository."""
    text = image if isinstance(image, str) else ""
    return text.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _of_variables(field: FieldChange) -> Mechanism:
    if is_shadowing(field):
        return Mechanism.CONFIG_ENV_SHADOWED
    fewer = isinstance(field.old, list) and len(field.old) > len(field.new or ())
    if field.new is None or fewer:
        return Mechanism.CONFIG_ENV_MISSING
    return setting_mechanism(field)


def _is_scaled(change: Change, field: FieldChange) -> bool:
    """Did an autoscaler set the number of pods? It only follows its figures and its bounds."""
    return field.path == "spec.replicas" and change.actor == CONTROLLERS


def _grew(field: FieldChange) -> bool:
    """Does a limit or a number of replicas allow more than before? A request that shrinks takes nothing away."""
    if re.match(r"^spec\.hard\b", field.path) and field.old is not None and field.new is not None:
        return _is_more(field.old, field.new)
    if _COUNTS.search(field.path):
        return isinstance(field.old, int) and isinstance(field.new, int) and field.new >= field.old
    found = _LIMITS.search(field.path)
    if found is None:
        return False
    grown = field.old is not None and field.new is not None and _is_more(field.old, field.new)
    # A request is taken from what a node has left, so that more of it may be too much; a limit only gives.
    if found[1] == "requests":
        return field.new is None or (field.old is not None and not grown)
    return grown or field.new is None


def _is_more(old: Any, new: Any) -> bool:
    try:
        return parse_quantity(new) >= parse_quantity(old)
    except InvalidInputError:
        return False


_WHOLE: dict[tuple[str, str], Mechanism] = {
    ("NetworkPolicy", "created"): Mechanism.NETWORK_POLICY,
    ("NetworkPolicy", "deleted"): Mechanism.NETWORK_POLICY,
    ("ConfigMap", "deleted"): Mechanism.CONFIG_OBJECT_MISSING,
    ("Secret", "deleted"): Mechanism.CONFIG_OBJECT_MISSING,
    ("Service", "deleted"): Mechanism.CONFIG_SERVICE_MISSING,
    ("Ingress", "deleted"): Mechanism.CONFIG_INGRESS,
    ("Ingress", "created"): Mechanism.CONFIG_INGRESS,
    ("ResourceQuota", "created"): Mechanism.RESOURCE_QUOTA,
    ("LimitRange", "created"): Mechanism.RESOURCE_LIMIT_RANGE,
    ("PodDisruptionBudget", "created"): Mechanism.SCHEDULING_DISRUPTION_BUDGET,
    ("HorizontalPodAutoscaler", "deleted"): Mechanism.SCALING_BOUNDS,
    ("PersistentVolumeClaim", "deleted"): Mechanism.STORAGE_CLAIM,
    ("PersistentVolume", "deleted"): Mechanism.STORAGE_CLAIM,
    ("StorageClass", "deleted"): Mechanism.STORAGE_CLASS,
    ("ValidatingWebhookConfiguration", "created"): Mechanism.ADMISSION_WEBHOOK,
    ("MutatingWebhookConfiguration", "created"): Mechanism.RESOURCE_MUTATED,
    **{
        (kind, "deleted"): Mechanism.AUTH_RBAC_DENIED
        for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ServiceAccount")
    },
}


def mechanism_of_object(change: Change) -> Mechanism | None:
    """The mechanism that an object's coming or going would be, were it at fault."""
    return _WHOLE.get((change.entity.kind, change.verb))
