"""The table of kinds: one line a kind says everything that storage, discovery and routing need to know of it.

As Kubernetes 1.36 serves them. Groups stand in the order in which the API server names them, kinds by their plural.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STORED = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CREATE_ONLY = ("create",)
READ_ONLY = ("get", "list")


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
    singular_name: str = ""
    list_name: str = ""
    custom: Any = field(default=None, compare=False)
    """What a CustomResourceDefinition says of the kind (`custom.kind.CustomKind`); None of a built-in one."""

    @property
    def shelf(self) -> str:
        return self.stored or self.kind

    @property
    def singular(self) -> str:
        """As kubectl also knows it: the kind in lower case, or what a CustomResourceDefinition says."""
        return self.singular_name or self.kind.lower()

    @property
    def list_kind(self) -> str:
        return self.list_name or f"{self.kind}List"

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
_EXTENDS = ("api-extensions",)
_STATUS = ("status",)
_SCALED = ("scale", "status")
_POD_PARTS = ("attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize",
              "status")  # fmt: skip
_POD_FIELDS = (
    *(f"spec.{name}" for name in ("nodeName", "restartPolicy", "schedulerName", "serviceAccountName", "hostNetwork")),
    *(f"status.{name}" for name in ("phase", "podIP", "podIPs", "nominatedNodeName")),
)
_OBJECT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_EVENT_FIELDS = (*(f"involvedObject.{field}" for field in _OBJECT), "reason", "reportingComponent", "source", "type")
_REGARDING = (*(f"regarding.{field}" for field in _OBJECT), "reason", "reportingController", "type")
_WITHOUT_COLLECTIONS = tuple(verb for verb in STORED if verb != "deletecollection")

_REGISTRATION, _RBAC = "admissionregistration.k8s.io", "rbac.authorization.k8s.io"
_AUTH, _NETWORK, _STORAGE = "authorization.k8s.io", "networking.k8s.io", "storage.k8s.io"
_FLOW, _DEVICES = "flowcontrol.apiserver.k8s.io", "resource.k8s.io"

# fmt: off
RESOURCES: tuple[Resource, ...] = (
    Resource("Binding", "bindings", verbs=CREATE_ONLY),
    Resource("ComponentStatus", "componentstatuses", namespaced=False, short=("cs",), verbs=READ_ONLY),
    Resource("ConfigMap", "configmaps", short=("cm",)),
    Resource("Endpoints", "endpoints", short=("ep",)),
    Resource("Event", "events", short=("ev",), fields=_EVENT_FIELDS),
    Resource("LimitRange", "limitranges", short=("limits",)),
    Resource("Namespace", "namespaces", namespaced=False, short=("ns",), subresources=("finalize", "status"),
             fields=("status.phase",), verbs=_WITHOUT_COLLECTIONS),
    Resource("Node", "nodes", namespaced=False, short=("no",), subresources=("proxy", "status"),
             fields=("spec.unschedulable",)),
    Resource("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",), subresources=_STATUS),
    Resource("PersistentVolume", "persistentvolumes", namespaced=False, short=("pv",), subresources=_STATUS),
    Resource("Pod", "pods", short=("po",), subresources=_POD_PARTS, categories=_ALL, fields=_POD_FIELDS,
             generation=True),
    Resource("PodTemplate", "podtemplates", generation=True),
    Resource("ReplicationController", "replicationcontrollers", short=("rc",), subresources=_SCALED, categories=_ALL,
             fields=("status.replicas",), generation=True),
    Resource("ResourceQuota", "resourcequotas", short=("quota",), subresources=_STATUS),
    Resource("Secret", "secrets", fields=("type",)),
    Resource("ServiceAccount", "serviceaccounts", short=("sa",), subresources=("token",)),
    Resource("Service", "services", short=("svc",), subresources=("proxy", "status"), categories=_ALL,
             fields=("spec.clusterIP", "spec.type")),

    Resource("APIService", "apiservices", "apiregistration.k8s.io", namespaced=False, subresources=_STATUS,
             categories=_EXTENDS),

    Resource("ControllerRevision", "controllerrevisions", "apps"),
    Resource("DaemonSet", "daemonsets", "apps", short=("ds",), subresources=_STATUS, categories=_ALL, generation=True),
    Resource("Deployment", "deployments", "apps", short=("deploy",), subresources=_SCALED, categories=_ALL,
             generation=True),
    Resource("ReplicaSet", "replicasets", "apps", short=("rs",), subresources=_SCALED, categories=_ALL,
             generation=True),
    Resource("StatefulSet", "statefulsets", "apps", short=("sts",), subresources=_SCALED, categories=_ALL,
             generation=True),

    Resource("Event", "events", "events.k8s.io", short=("ev",), fields=_REGARDING),

    Resource("SelfSubjectReview", "selfsubjectreviews", "authentication.k8s.io", namespaced=False, verbs=CREATE_ONLY),
    Resource("TokenReview", "tokenreviews", "authentication.k8s.io", namespaced=False, verbs=CREATE_ONLY),

    Resource("LocalSubjectAccessReview", "localsubjectaccessreviews", _AUTH, verbs=CREATE_ONLY),
    Resource("SelfSubjectAccessReview", "selfsubjectaccessreviews", _AUTH, namespaced=False, verbs=CREATE_ONLY),
    Resource("SelfSubjectRulesReview", "selfsubjectrulesreviews", _AUTH, namespaced=False, verbs=CREATE_ONLY),
    Resource("SubjectAccessReview", "subjectaccessreviews", _AUTH, namespaced=False, verbs=CREATE_ONLY),

    Resource("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2", short=("hpa",),
             subresources=_STATUS, categories=_ALL),
    Resource("HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", short=("hpa",),
             subresources=_STATUS, categories=_ALL),

    Resource("CronJob", "cronjobs", "batch", short=("cj",), subresources=_STATUS, categories=_ALL, generation=True),
    Resource("Job", "jobs", "batch", subresources=_STATUS, categories=_ALL, fields=("status.successful",),
             generation=True),

    Resource("CertificateSigningRequest", "certificatesigningrequests", "certificates.k8s.io", namespaced=False,
             short=("csr",), subresources=("approval", "status"), fields=("spec.signerName",)),

    Resource("IngressClass", "ingressclasses", _NETWORK, namespaced=False, generation=True),
    Resource("Ingress", "ingresses", _NETWORK, short=("ing",), subresources=_STATUS, generation=True),
    Resource("IPAddress", "ipaddresses", _NETWORK, namespaced=False, short=("ip",)),
    Resource("NetworkPolicy", "networkpolicies", _NETWORK, short=("netpol",), generation=True),
    Resource("ServiceCIDR", "servicecidrs", _NETWORK, namespaced=False, subresources=_STATUS),

    Resource("PodDisruptionBudget", "poddisruptionbudgets", "policy", short=("pdb",), subresources=_STATUS,
             generation=True),

    Resource("ClusterRoleBinding", "clusterrolebindings", _RBAC, namespaced=False),
    Resource("ClusterRole", "clusterroles", _RBAC, namespaced=False),
    Resource("RoleBinding", "rolebindings", _RBAC),
    Resource("Role", "roles", _RBAC),

    Resource("CSIDriver", "csidrivers", _STORAGE, namespaced=False),
    Resource("CSINode", "csinodes", _STORAGE, namespaced=False),
    Resource("CSIStorageCapacity", "csistoragecapacities", _STORAGE),
    Resource("StorageClass", "storageclasses", _STORAGE, namespaced=False, short=("sc",)),
    Resource("VolumeAttachment", "volumeattachments", _STORAGE, namespaced=False, subresources=_STATUS),
    Resource("VolumeAttributesClass", "volumeattributesclasses", _STORAGE, namespaced=False, short=("vac",)),

    Resource("MutatingAdmissionPolicy", "mutatingadmissionpolicies", _REGISTRATION, namespaced=False,
             categories=_EXTENDS, generation=True),
    Resource("MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", _REGISTRATION, namespaced=False,
             categories=_EXTENDS, generation=True),
    Resource("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", _REGISTRATION, namespaced=False,
             categories=_EXTENDS, generation=True),
    Resource("ValidatingAdmissionPolicy", "validatingadmissionpolicies", _REGISTRATION, namespaced=False,
             subresources=_STATUS, categories=_EXTENDS, generation=True),
    Resource("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", _REGISTRATION, namespaced=False,
             categories=_EXTENDS, generation=True),
    Resource("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", _REGISTRATION, namespaced=False,
             categories=_EXTENDS, generation=True),

    Resource("CustomResourceDefinition", "customresourcedefinitions", "apiextensions.k8s.io", namespaced=False,
             short=("crd", "crds"), subresources=_STATUS, categories=_EXTENDS, generation=True),

    Resource("PriorityClass", "priorityclasses", "scheduling.k8s.io", namespaced=False, short=("pc",),
             generation=True),

    Resource("Lease", "leases", "coordination.k8s.io"),

    Resource("RuntimeClass", "runtimeclasses", "node.k8s.io", namespaced=False),

    Resource("EndpointSlice", "endpointslices", "discovery.k8s.io", generation=True),

    Resource("DeviceClass", "deviceclasses", _DEVICES, namespaced=False, generation=True),
    Resource("ResourceClaim", "resourceclaims", _DEVICES, subresources=_STATUS),
    Resource("ResourceClaimTemplate", "resourceclaimtemplates", _DEVICES),
    Resource("ResourceSlice", "resourceslices", _DEVICES, namespaced=False, fields=("spec.nodeName", "spec.driver"),
             generation=True),

    Resource("FlowSchema", "flowschemas", _FLOW, namespaced=False, subresources=_STATUS, generation=True),
    Resource("PriorityLevelConfiguration", "prioritylevelconfigurations", _FLOW, namespaced=False,
             subresources=_STATUS, generation=True),
)

METRICS: tuple[Resource, ...] = (
    Resource("NodeMetrics", "nodes", "metrics.k8s.io", "v1beta1", namespaced=False, verbs=READ_ONLY,
             singular_name="node"),
    Resource("PodMetrics", "pods", "metrics.k8s.io", "v1beta1", verbs=READ_ONLY, singular_name="pod"),
)
"""What a metrics server adds to a catalog; a cluster without one does not serve them."""
# fmt: on
