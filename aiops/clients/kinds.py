"""Where the objects of a kind live in the Kubernetes API: a table of the usual kinds."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object. `group` is empty for the core group; `plural` is its name in paths and in RBAC rules."""

    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The path of the collection, of one object, or of a part of it."""
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=""))
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


def _table(group: str, version: str, plurals: dict[str, str], *, namespaced: bool = True) -> list[Resource]:
    return [Resource(kind, group, version, plural, namespaced) for kind, plural in plurals.items()]


RBAC = "rbac.authorization.k8s.io"

RESOURCES: dict[str, Resource] = {
    resource.kind: resource
    for resource in (
        *_table(
            "",
            "v1",
            {"Namespace": "namespaces", "Node": "nodes", "PersistentVolume": "persistentvolumes"},
            namespaced=False,
        ),
        *_table(
            "",
            "v1",
            {
                "ConfigMap": "configmaps",
                "Endpoints": "endpoints",
                "Event": "events",
                "LimitRange": "limitranges",
                "PersistentVolumeClaim": "persistentvolumeclaims",
                "Pod": "pods",
                "ResourceQuota": "resourcequotas",
                "Secret": "secrets",
                "Service": "services",
                "ServiceAccount": "serviceaccounts",
            },
        ),
        *_table(
            "admissionregistration.k8s.io",
            "v1",
            {
                "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
                "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
            },
            namespaced=False,
        ),
        *_table(
            "apps",
            "v1",
            {
                "ControllerRevision": "controllerrevisions",
                "DaemonSet": "daemonsets",
                "Deployment": "deployments",
                "ReplicaSet": "replicasets",
                "StatefulSet": "statefulsets",
            },
        ),
        *_table("autoscaling", "v2", {"HorizontalPodAutoscaler": "horizontalpodautoscalers"}),
        *_table("batch", "v1", {"CronJob": "cronjobs", "Job": "jobs"}),
        *_table("discovery.k8s.io", "v1", {"EndpointSlice": "endpointslices"}),
        *_table("networking.k8s.io", "v1", {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"}),
        *_table("policy", "v1", {"PodDisruptionBudget": "poddisruptionbudgets"}),
        *_table(RBAC, "v1", {"Role": "roles", "RoleBinding": "rolebindings"}),
        *_table("scheduling.k8s.io", "v1", {"PriorityClass": "priorityclasses"}, namespaced=False),
        *_table(
            "storage.k8s.io",
            "v1",
            {"StorageClass": "storageclasses", "VolumeAttachment": "volumeattachments"},
            namespaced=False,
        ),
        *_table(
            RBAC, "v1", {"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings"}, namespaced=False
        ),
    )
}
