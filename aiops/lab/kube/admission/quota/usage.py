"""What one object uses, as the quota evaluators of Kubernetes (`pkg/quota/v1/evaluator/core`) measure it."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.admission.podresources import pod_limits, pod_requests
from aiops.lab.kube.admission.quantities import ZERO, Amounts, Quantity, quantity
from aiops.lab.kube.kinds.resources import Resource

ONE = Quantity(Decimal(1))
_ALIASES = ("configmaps", "resourcequotas", "replicationcontrollers", "secrets")
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_BY_CLASS = ".storageclass.storage.k8s.io/"
_CLAIM_NAMES = ("persistentvolumeclaims", "requests.storage")
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
REQUIRED = frozenset(f"{prefix}{name}" for name in ("cpu", "memory") for prefix in ("", "requests.", "limits."))
"""Resources that every container has to name where a quota counts them."""


def count_name(resource: Resource) -> str:
    return f"count/{resource.qualified}"


def tracked(resource: Resource, name: str) -> bool:
    """Does an object of this kind use the resource `name` of a quota?"""
    if name == count_name(resource):
        return True
    if resource.shelf == "Pod":
        plain = name.removeprefix("requests.").removeprefix("limits.")
        huge = name.startswith(("hugepages-", "requests.hugepages-"))
        extended = name.startswith("requests.") and "/" in name
        return name == "pods" or plain in _COMPUTE or huge or extended
    if resource.shelf == "Service":
        return name in ("services", "services.nodeports", "services.loadbalancers")
    if resource.shelf == "PersistentVolumeClaim":
        return name in _CLAIM_NAMES or name.endswith(tuple(_BY_CLASS + item for item in _CLAIM_NAMES))
    return not resource.group and resource.plural in _ALIASES and name == resource.plural


def usage(resource: Resource, manifest: Manifest, now: float) -> Amounts:
    """What an object uses, by the names of a quota's resources."""
    counted = {count_name(resource): ONE}
    if resource.shelf == "Pod":
        return counted | (_pod(manifest["spec"]) if _lives(manifest, now) else {})
    if resource.shelf == "Service":
        return counted | _service(manifest.get("spec") or {})
    if resource.shelf == "PersistentVolumeClaim":
        return counted | _claim(manifest)
    if not resource.group and resource.plural in _ALIASES:
        counted[resource.plural] = ONE
    return counted


def compute_usage(requests: Amounts, limits: Amounts) -> Amounts:
    """Requests and limits under the names of quotas."""
    found = {"pods": ONE}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith("hugepages-"):
            found[name] = found[f"requests.{name}"] = amount
        elif "/" in name:
            found[f"requests.{name}"] = amount
    found |= {f"limits.{name}": amount for name, amount in limits.items() if name in _COMPUTE}
    return found


def _pod(spec: dict[str, Any]) -> Amounts:
    return compute_usage(pod_requests(spec, overhead=True), pod_limits(spec, overhead=True))


def _lives(pod: Manifest, now: float) -> bool:
    """A pod that has ended, or should have long ago, uses nothing."""
    if (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded"):
        return False
    moment, grace = (pod["metadata"].get(name) for name in ("deletionTimestamp", "deletionGracePeriodSeconds"))
    return moment is None or grace is None or now <= from_rfc3339(moment) + grace


def _service(spec: dict[str, Any]) -> Amounts:
    ports = spec.get("ports") or []
    balanced = spec.get("type") == "LoadBalancer"
    if balanced and spec.get("allocateLoadBalancerNodePorts") is False:
        ports = [port for port in ports if port.get("nodePort")]
    exposed = len(ports) if balanced or spec.get("type") == "NodePort" else 0
    return {
        "services": ONE,
        "services.nodeports": Quantity(Decimal(exposed)),
        "services.loadbalancers": ONE if balanced else ZERO,
    }


def _claim(claim: Manifest) -> Amounts:
    spec = claim.get("spec") or {}
    annotations = claim["metadata"].get("annotations") or {}
    named = annotations.get(_OLD_CLASS) or spec.get("storageClassName")
    found = {"persistentvolumeclaims": ONE}
    asked = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if asked is not None:
        given = (claim.get("status") or {}).get("allocatedResources", {}).get("storage")
        size = max((quantity(text) for text in (asked, given) if text is not None), key=lambda each: each.value)
        found["requests.storage"] = Quantity(size.value.to_integral_value(ROUND_UP), size.binary)
    return found | ({f"{named}{_BY_CLASS}{name}": amount for name, amount in found.items()} if named else {})
