"""The downward API: fields of a pod and amounts of a container, as text."""

from __future__ import annotations

import json
import re
from typing import Any

from aiops.core.entity import Manifest
from aiops.core.fields import read
from aiops.core.quantity import parse_quantity

_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']*)'\]")
_MAPS = ("metadata.labels", "metadata.annotations")
_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.podIP",
)
_LISTS = {"status.hostIPs": "status.hostIP", "status.podIPs": "status.podIP"}
"""Each node and pod has one address here."""


def pod_field(pod: Manifest, path: str) -> str:
    """A field of the pod. Raises `LookupError` with the kubelet's message."""
    if match := _SUBSCRIPT.fullmatch(path):
        return str((pod["metadata"].get(match[1]) or {}).get(match[2], ""))
    if path in _MAPS:
        values = pod["metadata"].get(path.partition(".")[2]) or {}
        return "\n".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(values.items()))
    path = _LISTS.get(path, path)
    if path not in _FIELDS:
        raise LookupError(f"unsupported fieldPath: {path}")
    return str(read(pod, path) or "")


def resource_field(pod: Manifest, container: Manifest, reference: dict[str, Any]) -> str:
    """A request or limit, in units of its divisor, rounded up. Raises `LookupError`.

    A limit that is not set reads as the node's allocatable amount in the kubelet; here it reads 0."""
    owner = container
    if name := reference.get("containerName"):
        every = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or ())]
        found = next((each for each in every if each["name"] == name), None)
        if found is None:
            raise LookupError(f"container {name} not found")
        owner = found
    field, _, resource = str(reference["resource"]).partition(".")
    amounts = ((owner.get("resources") or {}).get(field)) or {}
    divisor = parse_quantity(reference.get("divisor") or 1) or 1.0
    return str(int(-(-parse_quantity(amounts.get(resource, 0)) // divisor)))
