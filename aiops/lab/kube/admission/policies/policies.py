"""ValidatingAdmissionPolicy: the policies that are bound judge what is written, as the plug-in of this name does.

An expression that calls what this lab lacks denies the request whatever the policy says of failures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.admission.policies.conditions import all_met, variables_of
from aiops.lab.kube.admission.webhooks.matching import concerns, rule_matches
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.expressions.program import ExpressionError, UnknownNameError, evaluate
from aiops.lab.kube.kinds.resources import Resource

POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
_EXEMPT = (POLICY, BINDING, "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
_CODES = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413}
LONGEST_MESSAGE = 5120

Verdict = tuple[str, str]
"""(message, reason) of a validation that failed."""


class ValidatingAdmissionPolicies(Plugin):
    """Asks each policy once for each of its bindings, in the order of their names."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:  # noqa: ARG002 - all of them
        return resource.shelf not in _EXEMPT

    def validate(self, request: Attributes) -> None:
        policies = self._cluster.objects(POLICY)
        if not policies:
            return
        bindings = self._cluster.objects(BINDING)
        for policy in policies:
            bound = [each for each in bindings if each["spec"]["policyName"] == policy["metadata"]["name"]]
            if bound and _matches(self._cluster, policy["spec"]["matchConstraints"], request):
                for binding in bound:
                    self._ask(policy, binding, request)

    def _ask(self, policy: Manifest, binding: Manifest, request: Attributes) -> None:
        """Judge the request under one binding. Raises ApiError where it is denied."""
        if not _matches(self._cluster, binding["spec"].get("matchResources") or {}, request):
            return
        name, bound = policy["metadata"]["name"], binding["metadata"]["name"]
        actions = binding["spec"].get("validationActions") or ()
        variables = variables_of(self._cluster, request)
        for message, reason in self._failures(policy, binding, variables, request.namespace):
            if "Warn" in actions:
                told = f"Validation failed for {POLICY} '{name}' with binding '{bound}': {message}"
                request.writer.warn(told)
            if "Deny" in actions:
                raise _denied(request, f"{POLICY} '{name}' with binding '{bound}' denied request: {message}", reason)

    def _failures(
        self, policy: Manifest, binding: Manifest, variables: dict[str, Any], namespace: str
    ) -> Iterator[Verdict]:
        spec = policy["spec"]
        tolerant = spec.get("failurePolicy") == "Ignore"
        try:
            if spec.get("paramKind"):
                variables["params"] = self._parameters(spec["paramKind"], binding, namespace)
            if not all_met(spec.get("matchConditions") or (), variables):
                return
        except ExpressionError as error:
            if not tolerant or isinstance(error, UnknownNameError):
                yield str(error), ""
            return
        known = {**variables, "variables": _named(spec.get("variables") or (), variables)}
        for validation in spec.get("validations") or ():
            expression = str(validation["expression"])
            try:
                if evaluate(expression, known) is not True:
                    yield _message(validation, known), str(validation.get("reason") or "")
            except ExpressionError as error:
                if not tolerant or isinstance(error, UnknownNameError):
                    yield f"expression '{expression}' resulted in error: {error}", ""

    def _parameters(self, kind: Mapping[str, str], binding: Manifest, namespace: str) -> Manifest | None:
        """The object that parametrises the policy under a binding. Raises ExpressionError where it is missing."""
        reference = binding["spec"].get("paramRef") or {}
        group, _, version = kind["apiVersion"].rpartition("/")
        served = (each for each in self._cluster.catalog if (each.group, each.version) == (group, version))
        resource = next((each for each in served if each.kind == kind["kind"]), None)
        if resource is None:
            raise ExpressionError(f"failed to find resource referenced by paramKind: '{kind['apiVersion']}'")
        place = (reference.get("namespace") or namespace) if resource.namespaced else ""
        found = self._cluster.find(resource.shelf, place, str(reference.get("name") or ""))
        if found is None and reference.get("parameterNotFoundAction") != "Allow":
            why = "no params found for policy binding with `Deny` parameterNotFoundAction"
            raise ExpressionError(f"failed to configure binding: {why}")
        return found


def _matches(cluster: Any, constraints: Mapping[str, Any], request: Attributes) -> bool:
    """Do match constraints, or the resources of a binding, take in a request?"""
    if any(rule_matches(rule, request) for rule in constraints.get("excludeResourceRules") or ()):
        return False
    every = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*", "*"], "scope": "*"}
    return concerns(cluster, {**constraints, "rules": constraints.get("resourceRules") or [every]}, request)


def _named(entries: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The policy's own variables; one that fails is missing, and fails what names it."""
    found: dict[str, Any] = {}
    for entry in entries:
        try:
            found[entry["name"]] = evaluate(str(entry["expression"]), {**variables, "variables": found})
        except UnknownNameError:
            raise
        except ExpressionError:
            continue
    return found


def _message(validation: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    if wanted := validation.get("messageExpression"):
        try:
            made = str(evaluate(str(wanted), variables)).strip()
        except ExpressionError:
            made = ""
        if made and "\n" not in made and len(made.encode()) <= LONGEST_MESSAGE:
            return made
    return str(validation.get("message") or f"failed expression: {str(validation['expression']).strip()}").strip()


def _denied(request: Attributes, why: str, reason: str) -> ApiError:
    forbidden = request.forbidden(why)
    details = {**(forbidden.details or {}), "causes": [{"message": why}]}
    return ApiError(_CODES.get(reason, 422), reason or "Invalid", str(forbidden), details)
