"""Which lists of Kubernetes objects are merged item by item, and by which field their items are told apart.

From the `x-kubernetes-patch-merge-key` marks of the published API. A list is known by its own name and the name of the
field around it, as `ports` of a container and of a Service have different keys.
"""

from __future__ import annotations

PRIMITIVE = ""
"""The key of a list of plain values that is merged as a set."""

_ANYWHERE = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "ownerReferences": "uid",
    "podIPs": "ip",
    "hostIPs": "ip",
    "resourceClaims": "name",
    "webhooks": "name",
    "finalizers": PRIMITIVE,
}

_BY_PARENT = {
    ("containers", "ports"): "containerPort",
    ("initContainers", "ports"): "containerPort",
    ("ephemeralContainers", "ports"): "containerPort",
    ("spec", "ports"): "port",
    ("status", "conditions"): "type",
    ("status", "addresses"): "type",
    ("", "secrets"): "name",
}


def merge_key(parent: str, field: str) -> str | None:
    """The key of a list, or None where a patch replaces the list as a whole."""
    return _BY_PARENT.get((parent, field), _ANYWHERE.get(field))
