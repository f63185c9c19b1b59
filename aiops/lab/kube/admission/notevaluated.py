"""Policies that change objects by expressions are refused, as nothing here evaluates them: one that is stored and does
nothing would be a lie. So is a binding that selects its parameters by labels."""

from __future__ import annotations

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

_MUTATING = ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
_BINDING = "ValidatingAdmissionPolicyBinding"


class ExpressionPolicies(Plugin):
    """Refuses what is not judged."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        known = resource.shelf in (*_MUTATING, _BINDING)
        return known and operation in ("CREATE", "UPDATE") and not subresource

    def admit(self, request: Attributes) -> None:
        if request.resource.shelf in _MUTATING:
            raise request.forbidden("this lab does not evaluate mutating admission policies; use a webhook")
        if ((request.new.get("spec") or {}).get("paramRef") or {}).get("selector") is not None:
            raise request.forbidden("this lab finds the parameters of a policy by their name alone, not by a selector")
