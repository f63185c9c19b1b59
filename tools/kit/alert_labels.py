"""What the labels of an alert say that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.core.entity import Entity

KINDS = (
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("service", "Service"),
    ("ingress", "Ingress"),
    ("pod", "Pod"),
    ("workload", "Deployment"),
)
"""Labels with which alert rules name what they are about, and the kind that each means."""

NAMESPACES = ("exported_namespace", "namespace", "kubernetes_namespace")
"""Labels of the namespace; the first that is there counts."""


def namespace_of(labels: Mapping[str, str]) -> str:
    """The namespace that an alert is about; empty where it names none."""
    return next((labels[label] for label in NAMESPACES if labels.get(label)), "")


def objects_of(labels: Mapping[str, str]) -> tuple[Entity, ...]:
    """The objects that the labels name, the one that it is most about first."""
    namespace = namespace_of(labels)
    return tuple(
        Entity(kind=kind, namespace=namespace, name=labels[label]) for label, kind in KINDS if labels.get(label)
    )


def subject_of(labels: Mapping[str, str]) -> Entity:
    """The object that an alert is about; its node, its namespace, or the cluster, where the labels name none."""
    if objects := objects_of(labels):
        return objects[0]
    if labels.get("node"):
        return Entity(kind="Node", name=labels["node"])
    namespace = namespace_of(labels)
    return Entity(kind="Namespace", name=namespace) if namespace else Entity(kind="Cluster", name="cluster")
