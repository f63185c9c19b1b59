"""PersistentVolumeClaimResize: a claim grows only where its StorageClass lets it."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

WHY = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"


class PersistentVolumeClaimResize(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "UPDATE" and resource.shelf == "PersistentVolumeClaim" and not subresource

    def validate(self, request: Attributes) -> None:
        old = request.old
        if old is None or _asked(request.new) <= _asked(old) or (old.get("status") or {}).get("phase") != "Bound":
            return
        name = request.new["spec"].get("storageClassName")
        found = self._cluster.find("StorageClass", "", name) if name else None
        if found is None or not found.get("allowVolumeExpansion"):
            raise request.forbidden(WHY)


def _asked(claim: Manifest) -> float:
    requests = (claim["spec"].get("resources") or {}).get("requests") or {}
    return parse_quantity(requests.get("storage", 0))
