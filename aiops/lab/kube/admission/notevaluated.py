"""Policies in the Common Expression Language are refused: nothing here evaluates them, and a policy that is stored and
does nothing would be a lie."""

from __future__ import annotations

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

_KINDS = (
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
)


class ExpressionPolicies(Plugin):
    """Refuses admission policies."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf in _KINDS and not subresource

    def admit(self, request: Attributes) -> None:
        raise request.forbidden("this lab does not evaluate admission policies; use a webhook configuration")
