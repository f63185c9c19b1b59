"""Objects of the kinds whose fields are put back, and how they were before somebody changed them."""

from __future__ import annotations

from typing import Any

from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import write

CREATED_AT = 4e9
GEO, SET, DAEMON = "Deployment/hotel/geo", "StatefulSet/hotel/queue", "DaemonSet/hotel/agent"

_PORT = "spec.ports[http].targetPort"
_CONTAINER = "spec.template.spec.containers"
FORMER: tuple[tuple[str, str, Any], ...] = (
    (GEO, f"{_CONTAINER}[geo].resources.requests.cpu", "70m"),
    (SET, f"{_CONTAINER}[c].resources.limits.memory", "1Gi"),
    (DAEMON, "spec.template.spec.nodeSelector", {"c": "d"}),
    ("Service/hotel/geo", _PORT, 9999),
    ("Ingress/hotel/side", "spec.defaultBackend.service.port.number", 81),
    ("HorizontalPodAutoscaler/hotel/geo", "spec.behavior.scaleDown.stabilizationWindowSeconds", 300),
    ("CronJob/hotel/nightly", "spec.suspend", True),
    ("Job/hotel/once", "spec.suspend", None),
    ("LimitRange/hotel/bounds", "spec.limits[Container].min.cpu", "10m"),
    ("ResourceQuota/hotel/room", "spec.hard.pods", "400"),
    ("PodDisruptionBudget/hotel/geo", "spec.maxUnavailable", 2),
    ("Namespace//quiet", "metadata.labels[pod-security.kubernetes.io/enforce]", "baseline"),
    ("Node//node-1", "spec.taints", [{"key": "a", "value": "b", "effect": "PreferNoSchedule"}]),
    ("StorageClass//slow", "allowVolumeExpansion", True),
    ("MutatingWebhookConfiguration//hooks", "webhooks[a.example.com].timeoutSeconds", 3),
    ("ValidatingWebhookConfiguration//hooks", "webhooks[a.example.com].failurePolicy", "Fail"),
)
"""Object, path, and the value of before."""

WRITERS = ("Deployment/hotel/rate", "CronJob/hotel/nightly", "StatefulSet/hotel/queue")
"""Programs that write; the first one writes everything."""

WRITTEN = (*((WRITERS[0], entity, path) for entity, path, _ in FORMER), *((w, *FORMER[0][:2]) for w in WRITERS[1:]))
"""A program, and what of which object it wrote."""

CREATED = (
    "HorizontalPodAutoscaler/hotel/geo",
    "LimitRange/hotel/bounds",
    "MutatingWebhookConfiguration//hooks",
    "PodDisruptionBudget/hotel/geo",
    "ResourceQuota/hotel/room",
    "ValidatingWebhookConfiguration//hooks",
)
"""Objects that somebody created lately."""


def changes() -> list[Change]:
    """The recorded creations."""
    return [Change(at=CREATED_AT, entity=Entity.parse(name), verb="created", actor="ann") for name in CREATED]


def former(objects: dict[str, Manifest]) -> list[Manifest]:
    """The objects as they were, from those of now by name."""
    return [write(objects[name], path, value) for name, path, value in FORMER]


def furniture() -> list[Manifest]:
    """The objects that an application does not bring."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x:1"}]}
    job = {"suspend": True, "template": {"spec": pod}}
    hook = {
        "name": "a.example.com",
        "clientConfig": {"service": {"namespace": "hotel", "name": "geo"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["secrets"], "operations": ["CREATE"]}],
        "namespaceSelector": {"matchLabels": {"none": "such"}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Ignore",
        "timeoutSeconds": 5,
    }
    registration = "admissionregistration.k8s.io/v1"
    limit = {"type": "Container", "max": {"cpu": "8"}, "min": {"cpu": "20m"}}
    return [
        _made("batch/v1", "CronJob", "nightly", spec={"schedule": "0 3 * * *", "jobTemplate": {"spec": job}}),
        _made("batch/v1", "Job", "once", spec=job),
        _made("batch/v1", "Job", "running", spec={**job, "suspend": False}),
        _made("v1", "LimitRange", "bounds", spec={"limits": [limit]}),
        _made("v1", "ResourceQuota", "room", spec={"hard": {"pods": "500"}}),
        _made(
            "policy/v1",
            "PodDisruptionBudget",
            "geo",
            spec={"maxUnavailable": 1, "selector": {"matchLabels": {"app": "nothing"}}},
        ),
        _made("v1", "Namespace", "quiet", "", spec={}),
        _made("storage.k8s.io/v1", "StorageClass", "slow", "", provisioner="example.com/slow"),
        _made(registration, "MutatingWebhookConfiguration", "hooks", "", webhooks=[hook]),
        _made(registration, "ValidatingWebhookConfiguration", "hooks", "", webhooks=[hook]),
    ]


def _made(api: str, kind: str, name: str, namespace: str = "hotel", **rest: Any) -> Manifest:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}
