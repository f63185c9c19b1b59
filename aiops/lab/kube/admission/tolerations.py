"""DefaultTolerationSeconds: pods stay five minutes on a node that is lost."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

SECONDS = 300
TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class DefaultTolerationSeconds(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation in ("CREATE", "UPDATE") and resource.shelf == "Pod" and not subresource

    def admit(self, request: Attributes) -> None:
        spec = request.new["spec"]
        given = spec.get("tolerations") or []
        missing = [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}
            for key in TAINTS
            if not any(_tolerates(item, key) for item in given)
        ]
        if missing:
            spec["tolerations"] = [*given, *missing]


def _tolerates(toleration: dict[str, Any], key: str) -> bool:
    return toleration.get("key") in (key, "", None) and toleration.get("effect") in ("NoExecute", "", None)
