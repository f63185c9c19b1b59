"""TaintNodesByCondition: a new node takes no pods until it is found ready."""

from __future__ import annotations

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class TaintNodesByCondition(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf == "Node" and not subresource

    def admit(self, request: Attributes) -> None:
        spec = request.new.setdefault("spec", {})
        taints = spec.get("taints") or []
        if not any((item.get("key"), item.get("effect")) == tuple(NOT_READY.values()) for item in taints):
            spec["taints"] = [*taints, dict(NOT_READY)]
