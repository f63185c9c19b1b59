"""What the API server fills in where the spec of a pod leaves it out."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.kinds.checks.quantities import plain_field, plain_list

Spec = dict[str, Any]

_MODES = ("configMap", "secret", "downwardAPI", "projected")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_FILE_MODE = 420


def pod_spec(spec: Spec) -> None:
    """Complete the spec of a pod, in a Pod or in a template."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    _service_account(spec)
    for field in CONTAINERS:
        for container in spec.get(field) or ():
            _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)
    plain_list(spec.get("overhead"))
    _resources(spec.get("resources"))


def _service_account(spec: Spec) -> None:
    """The old name of the field is served beside the new one."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _container(container: Spec) -> None:
    container.setdefault("imagePullPolicy", pull_policy(container.get("image", "")))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    _resources(container.setdefault("resources", {}))
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    for entry in container.get("env") or ():
        if "valueFrom" in entry:
            _selector(entry["valueFrom"])
    for field in _PROBES:
        if field in container:
            _probe(container[field])
    for handler in (container.get("lifecycle") or {}).values():
        if isinstance(handler, dict):
            _http_get(handler)


def _resources(resources: Spec | None) -> None:
    if resources:
        plain_list(resources.get("limits"))
        plain_list(resources.get("requests"))


def _selector(source: Spec) -> None:
    """A downward API reference: the version of its field, the divisor of its amount."""
    if "fieldRef" in source:
        source["fieldRef"].setdefault("apiVersion", "v1")
    if "resourceFieldRef" in source:
        source["resourceFieldRef"].setdefault("divisor", "0")
        plain_field(source["resourceFieldRef"], "divisor")


def _probe(probe: Spec) -> None:
    _http_get(probe)
    for field, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1),
                         ("failureThreshold", 3)):  # fmt: skip
        if not probe.get(field):
            probe[field] = value
    if "grpc" in probe:
        probe["grpc"]["service"] = probe["grpc"].get("service") or ""


def _http_get(handler: Spec) -> None:
    if "httpGet" in handler:
        handler["httpGet"].setdefault("path", "/")
        handler["httpGet"].setdefault("scheme", "HTTP")


def pull_policy(image: str) -> str:
    """`Always` for a floating tag, as an image of this name may change."""
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if "@" not in image and tag in ("", "latest") else "IfNotPresent"


def _volume(volume: Spec) -> None:
    if len(volume) == 1 and "name" in volume:
        volume["emptyDir"] = {}
    for field in _MODES:
        if field in volume:
            volume[field].setdefault("defaultMode", _FILE_MODE)
    if "emptyDir" in volume:
        plain_field(volume["emptyDir"], "sizeLimit")
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    if "image" in volume:
        volume["image"].setdefault("pullPolicy", pull_policy(volume["image"].get("reference", "")))
    for item in (volume.get("downwardAPI") or {}).get("items") or ():
        _selector(item)
    for source in (volume.get("projected") or {}).get("sources") or ():
        _projection(source)
    if "ephemeral" in volume:
        claim_spec((volume["ephemeral"].get("volumeClaimTemplate") or {}).get("spec"))


def _projection(source: Spec) -> None:
    if "serviceAccountToken" in source:
        source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
    for item in (source.get("downwardAPI") or {}).get("items") or ():
        _selector(item)


def claim_spec(spec: Spec | None) -> None:
    """Complete the spec of a PersistentVolumeClaim, in a claim or in a template of one."""
    if spec is not None:
        spec.setdefault("volumeMode", "Filesystem")
        _resources(spec.setdefault("resources", {}))


def template(spec: Spec) -> None:
    """Complete `template` of a workload's spec."""
    found = spec.get("template")
    if found:
        found.setdefault("metadata", {})
        pod_spec(found.setdefault("spec", {}))


def requests_from_limits(spec: Spec) -> None:
    """A Pod's containers ask for what they are limited to, where they don't say; templates stay as written."""
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            resources = container["resources"]
            if resources.get("limits"):
                resources["requests"] = {**resources["limits"], **(resources.get("requests") or {})}
    whole = spec.get("resources")
    if whole and whole.get("limits"):
        whole["requests"] = {**whole["limits"], **(whole.get("requests") or {})}


def host_ports(spec: Spec) -> None:
    """On the node's network each port of a container is the node's."""
    if spec.get("hostNetwork"):
        for field in ("containers", "initContainers"):
            for container in spec.get(field) or ():
                for port in container.get("ports") or ():
                    port.setdefault("hostPort", port.get("containerPort"))


def qos_class(spec: Spec) -> str:
    """Guaranteed, Burstable or BestEffort, by the requests and limits of all containers (`ComputePodQOS`)."""
    whole = spec.get("resources")
    containers = [c.get("resources") or {} for c in (spec.get("initContainers") or []) + (spec.get("containers") or [])]
    resources = [whole] if whole else containers
    if not any(_asks(r, field) for r in resources for field in ("requests", "limits")):
        return "BestEffort"
    for entry in resources:
        limits, requests = entry.get("limits") or {}, entry.get("requests") or {}
        if any(not limits.get(name) or limits[name] != requests.get(name, limits[name]) for name in ("cpu", "memory")):
            return "Burstable"
    return "Guaranteed"


def _asks(resources: Spec, field: str) -> bool:
    amounts = resources.get(field) or {}
    return any(amounts.get(name) not in (None, "0") for name in ("cpu", "memory"))
