"""DefaultStorageClass and DefaultIngressClass: claims and ingresses that name no class get the default one."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

_STORAGE_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_INGRESS_DEFAULT = ("ingressclass.kubernetes.io/is-default-class",)
_OLD_STORAGE = "volume.beta.kubernetes.io/storage-class"
_OLD_INGRESS = "kubernetes.io/ingress.class"


class DefaultStorageClass(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf == "PersistentVolumeClaim" and not subresource

    def admit(self, request: Attributes) -> None:
        annotations = request.new["metadata"].get("annotations") or {}
        spec = request.new["spec"]
        if _OLD_STORAGE in annotations or spec.get("storageClassName") is not None:
            return
        found = _default(self._cluster.objects("StorageClass"), _STORAGE_DEFAULT)
        if found is not None:
            spec["storageClassName"] = found["metadata"]["name"]


class DefaultIngressClass(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf == "Ingress" and not subresource

    def admit(self, request: Attributes) -> None:
        annotations = request.new["metadata"].get("annotations") or {}
        spec = request.new.setdefault("spec", {})
        if _OLD_INGRESS in annotations or spec.get("ingressClassName") is not None:
            return
        found = _default(self._cluster.objects("IngressClass"), _INGRESS_DEFAULT)
        if found is not None:
            spec["ingressClassName"] = found["metadata"]["name"]


def _default(classes: list[Manifest], marks: tuple[str, ...]) -> Manifest | None:
    """The class that is marked as default: of several the newest, then the first by name."""
    marked = [
        item
        for item in classes
        if any((item["metadata"].get("annotations") or {}).get(mark) == "true" for mark in marks)
    ]
    newest = max((item["metadata"]["creationTimestamp"] for item in marked), default="")
    return next((item for item in marked if item["metadata"]["creationTimestamp"] == newest), None)
