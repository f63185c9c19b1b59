"""The values that the API server fills in where a manifest leaves them out."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from aiops.core.entity import Manifest

Spec = dict[str, Any]


def set_defaults(kind: str, manifest: Manifest) -> None:
    """Complete a manifest in place."""
    default = _DEFAULTS.get(kind)
    if default is not None:
        default(manifest)


def pod_spec(spec: Spec) -> None:
    """Complete the spec of a pod, in a Pod or in a template."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    if spec.get("serviceAccountName"):
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            _container(container)
    for volume in spec.get("volumes") or ():
        for source in ("configMap", "secret"):
            if volume.get(source) is not None:
                volume[source].setdefault("defaultMode", 420)


def _container(container: Spec) -> None:
    container.setdefault("imagePullPolicy", _pull_policy(container.get("image", "")))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    resources = container.setdefault("resources", {})
    if resources.get("limits"):
        resources["requests"] = {**resources["limits"], **(resources.get("requests") or {})}
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for entry in container.get("env") or ():
        reference = (entry.get("valueFrom") or {}).get("fieldRef")
        if reference:
            reference.setdefault("apiVersion", "v1")
    for field in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(field):
            _probe(container[field])


def _probe(probe: Spec) -> None:
    for field, value in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        probe.setdefault(field, value)
    if probe.get("httpGet") is not None:
        probe["httpGet"].setdefault("path", "/")
        probe["httpGet"].setdefault("scheme", "HTTP")


def _pull_policy(image: str) -> str:
    """`Always` for a floating tag, as an image of this name may change."""
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if "@" not in image and tag in ("", "latest") else "IfNotPresent"


def _pod(manifest: Manifest) -> None:
    spec = manifest["spec"]
    spec.setdefault("serviceAccountName", "default")
    pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec.setdefault("priority", 0)
    tolerations = spec.setdefault("tolerations", [])
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(item.get("key") == key for item in tolerations):
            tolerations.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})
    manifest.setdefault("status", {"phase": "Pending", "qosClass": qos_class(spec)})


def qos_class(spec: Spec) -> str:
    """Guaranteed, Burstable or BestEffort, by the requests and limits of all containers."""
    resources = [c.get("resources") or {} for c in (spec.get("initContainers") or []) + spec["containers"]]
    if not any(r.get("requests") or r.get("limits") for r in resources):
        return "BestEffort"
    for entry in resources:
        limits, requests = entry.get("limits") or {}, entry.get("requests") or {}
        if any(not limits.get(name) or limits[name] != requests.get(name) for name in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"


def _template(manifest: Manifest) -> None:
    template = manifest["spec"].get("template")
    if template:
        template.setdefault("metadata", {}).setdefault("creationTimestamp", None)
        pod_spec(template["spec"])


def _deployment(manifest: Manifest) -> None:
    spec = manifest["spec"]
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.get("rollingUpdate") or {}
        strategy["rollingUpdate"] = {"maxUnavailable": "25%", "maxSurge": "25%"} | rolling
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    _template(manifest)


def _replicas(manifest: Manifest) -> None:
    manifest["spec"].setdefault("replicas", 1)
    _template(manifest)


def _service(manifest: Manifest) -> None:
    spec = manifest["spec"]
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    for port in spec.get("ports") or ():
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port["port"])
    manifest.setdefault("status", {"loadBalancer": {}})


def _secret(manifest: Manifest) -> None:
    manifest.setdefault("type", "Opaque")
    _string_data(manifest)


def _string_data(manifest: Manifest) -> None:
    """`stringData` is write-only: it is stored in `data`, in base64."""
    plain = manifest.pop("stringData", None)
    if plain:
        encoded = {key: b64encode(str(value).encode()).decode() for key, value in plain.items()}
        manifest["data"] = {**(manifest.get("data") or {}), **encoded}


def _namespace(manifest: Manifest) -> None:
    manifest.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    manifest.setdefault("status", {"phase": "Active"})
    labels = manifest["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = manifest["metadata"]["name"]


def _node(manifest: Manifest) -> None:
    manifest["spec"] = manifest.get("spec") or {}
    labels = manifest["metadata"].setdefault("labels", {})
    labels.setdefault("kubernetes.io/hostname", manifest["metadata"]["name"])
    labels.setdefault("kubernetes.io/os", "linux")
    labels.setdefault("kubernetes.io/arch", "amd64")


def _network_policy(manifest: Manifest) -> None:
    spec = manifest["spec"]
    kinds = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    spec.setdefault("policyTypes", kinds)
    for rule in (spec.get("ingress") or []) + (spec.get("egress") or []):
        for port in rule.get("ports") or ():
            port.setdefault("protocol", "TCP")


def _binding(manifest: Manifest) -> None:
    reference = manifest.get("roleRef") or {}
    reference.setdefault("apiGroup", "rbac.authorization.k8s.io")
    for subject in manifest.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", "rbac.authorization.k8s.io")


_DEFAULTS: dict[str, Callable[[Manifest], None]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replicas,
    "StatefulSet": _replicas,
    "DaemonSet": _template,
    "Job": _template,
    "Service": _service,
    "Secret": _secret,
    "Namespace": _namespace,
    "Node": _node,
    "NetworkPolicy": _network_policy,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
}
