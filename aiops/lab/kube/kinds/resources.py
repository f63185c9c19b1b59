"""The table of kinds: one line a kind says everything that storage, discovery and routing need to know of it."""

from __future__ import annotations

from dataclasses import dataclass

STORED = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CREATE_ONLY = ("create",)


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object. `fields` are the paths that a field selector may name besides name and namespace."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STORED
    generation: bool = False
    stored: str = ""
    """The name of its shelf in the store, where that is not the kind: for a custom kind, or a second version."""

    @property
    def shelf(self) -> str:
        return self.stored or self.kind

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As errors name it: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def has_status(self) -> bool:
        return "status" in self.subresources


_ALL = ("all",)
_RBAC = "rbac.authorization.k8s.io"
_AUTH = "authorization.k8s.io"
_POD_FIELDS = ("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase", "status.podIP")
_EVENT_FIELDS = (
    *(f"involvedObject.{field}" for field in ("kind", "namespace", "name", "uid", "apiVersion", "fieldPath")),
    "reason",
    "type",
    "source",
    "reportingComponent",
)


def _scaled(kind: str, plural: str, short: str) -> Resource:
    """A kind of `apps` that has a number of replicas."""
    fields = ("status.replicas",) if kind == "ReplicaSet" else ()
    return Resource(
        kind, plural, "apps", short=(short,), subresources=("status", "scale"), categories=_ALL, fields=fields,
        generation=True,
    )  # fmt: skip


# fmt: off
RESOURCES: tuple[Resource, ...] = (
    Resource("Namespace", "namespaces", namespaced=False, short=("ns",), subresources=("status",),
             fields=("status.phase",)),
    Resource("Node", "nodes", namespaced=False, short=("no",), subresources=("status",),
             fields=("spec.unschedulable",)),
    Resource("Pod", "pods", short=("po",), subresources=("status", "log", "eviction"), categories=_ALL,
             fields=_POD_FIELDS),
    Resource("Service", "services", short=("svc",), subresources=("status",), categories=_ALL,
             fields=("spec.clusterIP", "spec.type")),
    Resource("Endpoints", "endpoints", short=("ep",)),
    Resource("ConfigMap", "configmaps", short=("cm",)),
    Resource("Secret", "secrets", fields=("type",)),
    Resource("ServiceAccount", "serviceaccounts", short=("sa",)),
    Resource("Event", "events", short=("ev",), fields=_EVENT_FIELDS),
    Resource("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",), subresources=("status",)),
    Resource("LimitRange", "limitranges", short=("limits",)),
    Resource("ResourceQuota", "resourcequotas", short=("quota",), subresources=("status",)),
    _scaled("Deployment", "deployments", "deploy"),
    _scaled("ReplicaSet", "replicasets", "rs"),
    _scaled("StatefulSet", "statefulsets", "sts"),
    Resource("DaemonSet", "daemonsets", "apps", short=("ds",), subresources=("status",), categories=_ALL,
             generation=True),
    Resource("Job", "jobs", "batch", subresources=("status",), categories=_ALL, generation=True),
    Resource("CronJob", "cronjobs", "batch", short=("cj",), subresources=("status",), categories=_ALL,
             generation=True),
    Resource("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2", short=("hpa",),
             subresources=("status",), categories=_ALL),
    Resource("PodDisruptionBudget", "poddisruptionbudgets", "policy", short=("pdb",), subresources=("status",),
             generation=True),
    Resource("EndpointSlice", "endpointslices", "discovery.k8s.io", generation=True),
    Resource("NetworkPolicy", "networkpolicies", "networking.k8s.io", short=("netpol",), generation=True),
    Resource("Ingress", "ingresses", "networking.k8s.io", short=("ing",), subresources=("status",), generation=True),
    Resource("Role", "roles", _RBAC),
    Resource("RoleBinding", "rolebindings", _RBAC),
    Resource("ClusterRole", "clusterroles", _RBAC, namespaced=False),
    Resource("ClusterRoleBinding", "clusterrolebindings", _RBAC, namespaced=False),
    Resource("SelfSubjectAccessReview", "selfsubjectaccessreviews", _AUTH, namespaced=False, verbs=CREATE_ONLY),
    Resource("SelfSubjectRulesReview", "selfsubjectrulesreviews", _AUTH, namespaced=False, verbs=CREATE_ONLY),
    Resource("SubjectAccessReview", "subjectaccessreviews", _AUTH, namespaced=False, verbs=CREATE_ONLY),
    Resource("LocalSubjectAccessReview", "localsubjectaccessreviews", _AUTH, verbs=CREATE_ONLY),
)
# fmt: on
