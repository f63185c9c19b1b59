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


_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


class ExpressionPolicies(Plugin):
    """Refuses admission policies, and webhooks with conditions in that language."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        known = resource.shelf in _KINDS or resource.shelf in _WEBHOOKS
        return known and operation in ("CREATE", "UPDATE") and not subresource

    def admit(self, request: Attributes) -> None:
        if request.resource.shelf in _WEBHOOKS:
            if any(hook.get("matchConditions") for hook in request.new.get("webhooks") or ()):
                raise request.forbidden("this lab does not evaluate matchConditions of webhooks")
            return
        raise request.forbidden("this lab does not evaluate admission policies; use a webhook configuration")
