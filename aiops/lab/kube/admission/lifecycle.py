"""NamespaceLifecycle: nothing new in a namespace that is missing or ends, and some namespaces stay for ever."""

from __future__ import annotations

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource

IMMORTAL = ("default", "kube-system", "kube-public")
_REVIEW = "LocalSubjectAccessReview"


class NamespaceLifecycle(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        if resource.kind == "Namespace" and not resource.group:
            return operation == "DELETE" and not subresource
        return operation == "CREATE" and resource.namespaced and resource.kind != _REVIEW

    def admit(self, request: Attributes) -> None:
        if request.operation == "DELETE":
            if request.name in IMMORTAL:
                raise request.forbidden("this namespace may not be deleted")
            return
        name = request.namespace
        namespace = self._cluster.find("Namespace", "", name)
        if namespace is None:
            raise ApiError(404, "NotFound", f'namespaces "{name}" not found', {"name": name, "kind": "namespaces"})
        if namespace.get("status", {}).get("phase") == "Terminating":
            why = f"unable to create new content in namespace {name} because it is being terminated"
            error = request.forbidden(why)
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {name} is being terminated",
                "field": "metadata.namespace",
            }
            raise ApiError(403, error.reason, str(error), {**(error.details or {}), "causes": [cause]})
