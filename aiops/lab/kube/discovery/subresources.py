"""The parts of a resource that have a path of their own: which kind they take, and which verbs."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.lab.kube.kinds.resources import Resource


@dataclass(frozen=True, slots=True)
class Part:
    """A subresource. `group` and `version` are empty where they are those of the resource."""

    kind: str
    verbs: tuple[str, ...] = ("get", "patch", "update")
    group: str = ""
    version: str = ""


_CREATE = ("create",)
_CONNECT = ("create", "get")
_PROXY = ("create", "delete", "get", "patch", "update")
_PARTS: dict[str, Part] = {
    "pods/attach": Part("PodAttachOptions", _CONNECT),
    "pods/binding": Part("Binding", _CREATE),
    "pods/eviction": Part("Eviction", _CREATE, "policy", "v1"),
    "pods/exec": Part("PodExecOptions", _CONNECT),
    "pods/log": Part("Pod", ("get",)),
    "pods/portforward": Part("PodPortForwardOptions", _CONNECT),
    "pods/proxy": Part("PodProxyOptions", _PROXY),
    "nodes/proxy": Part("NodeProxyOptions", _PROXY),
    "services/proxy": Part("ServiceProxyOptions", _PROXY),
    "namespaces/finalize": Part("Namespace", ("update",)),
    "serviceaccounts/token": Part("TokenRequest", _CREATE, "authentication.k8s.io", "v1"),
}
_SCALE = Part("Scale", group="autoscaling", version="v1")


def part_of(resource: Resource, name: str) -> Part:
    """A subresource of a resource; without a line of its own it is the resource's kind, read and written."""
    if name == "scale":
        return _SCALE
    return _PARTS.get(f"{resource.plural}/{name}", Part(resource.kind))
