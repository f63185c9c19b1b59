"""Which kinds have a history of changes."""

from __future__ import annotations

from aiops.analysis.state.owners import controller
from aiops.core.entity import Manifest

WATCHED_KINDS = (
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "PriorityClass",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
    "ValidatingWebhookConfiguration",
)
"""Kinds whose desired state people and controllers write; the state of the others follows from these."""

SYSTEM_KINDS = ("ConfigMap", "DaemonSet", "Deployment", "NetworkPolicy", "Service")
"""Kinds that are watched in the cluster's own namespace where other namespaces are named: its DNS and its network."""


def is_followed(manifest: Manifest) -> bool:
    """Does somebody write this object by himself? The Jobs of a CronJob only follow from it."""
    return manifest["kind"] != "Job" or controller(manifest) is None
