"""PodTopologyLabels: a pod that has a node carries the node's zone and region."""

from __future__ import annotations

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import labels_of

LABELS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")


class PodTopologyLabels(Plugin):
    """As the plug-in of this name does. Here a binding is an update of the pod."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        if resource.shelf != "Pod":
            return False
        return (operation == "CREATE" and not subresource) or (operation, subresource) == ("UPDATE", "binding")

    def admit(self, request: Attributes) -> None:
        name = (request.new.get("spec") or {}).get("nodeName")
        node = self._cluster.find("Node", "", name) if name else None
        found = labels_of(node) if node is not None else {}
        copied = {key: found[key] for key in LABELS if key in found}
        if copied:
            metadata = request.new["metadata"]
            request.new["metadata"] = {**metadata, "labels": {**(metadata.get("labels") or {}), **copied}}
