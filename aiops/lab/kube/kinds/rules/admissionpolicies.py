"""ValidatingAdmissionPolicies and their bindings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.expressions.program import ExpressionError, compiled
from aiops.lab.kube.kinds.checks.causes import invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_ACTIONS = ("Audit", "Deny", "Warn")
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")


def _default_match(constraints: Spec) -> None:
    constraints.setdefault("matchPolicy", "Equivalent")
    constraints.setdefault("namespaceSelector", {})
    constraints.setdefault("objectSelector", {})
    for field in ("resourceRules", "excludeResourceRules"):
        for rule in constraints.get(field) or ():
            rule.setdefault("scope", "*")


@rules("ValidatingAdmissionPolicy")
class ValidatingPolicyRules(Rules):
    """What the checks of Kubernetes say of the parts that judging needs."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        spec.setdefault("failurePolicy", "Fail")
        if spec.get("matchConstraints") is not None:
            _default_match(spec["matchConstraints"])

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        if spec["failurePolicy"] not in ("Fail", "Ignore"):
            yield not_supported("spec.failurePolicy", spec["failurePolicy"], ("Fail", "Ignore"))
        if spec.get("paramKind"):
            for field in ("apiVersion", "kind"):
                if not spec["paramKind"].get(field):
                    yield required(f"spec.paramKind.{field}")
        if spec.get("matchConstraints") is None:
            yield required("spec.matchConstraints")
        else:
            yield from _match(spec["matchConstraints"], "spec.matchConstraints", ruled=True)
        if not spec.get("validations") and not spec.get("auditAnnotations"):
            for field in ("validations", "auditAnnotations"):
                yield required(f"spec.{field}", "validations or auditAnnotations must contain at least one item")
        yield from _expressions(spec)


@rules("ValidatingAdmissionPolicyBinding")
class ValidatingBindingRules(Rules):
    """As above, of bindings."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        if spec.get("matchResources") is not None:
            _default_match(spec["matchResources"])

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        if not spec.get("policyName"):
            yield required("spec.policyName")
        actions = spec.get("validationActions") or []
        if not actions:
            yield required("spec.validationActions", "at least one validation action is required")
        for index, action in enumerate(actions):
            if action not in _ACTIONS:
                yield not_supported(f"spec.validationActions[{index}]", action, _ACTIONS)
        if "Deny" in actions and "Warn" in actions:
            why = "must not contain both Deny and Warn (repeating the same validation failure information in the API "
            yield invalid_value("spec.validationActions", actions, f"{why}response and headers serves no purpose)")
        if spec.get("matchResources") is not None:
            yield from _match(spec["matchResources"], "spec.matchResources", ruled=False)


def _match(constraints: Spec, path: str, *, ruled: bool) -> Iterator[Cause]:
    if ruled and not constraints.get("resourceRules"):
        yield required(f"{path}.resourceRules")
    yield from label_selector(constraints.get("namespaceSelector"), f"{path}.namespaceSelector")
    yield from label_selector(constraints.get("objectSelector"), f"{path}.objectSelector")
    for index, rule in enumerate(constraints.get("resourceRules") or ()):
        for field in ("operations", "apiGroups", "apiVersions", "resources"):
            if not rule.get(field):
                yield required(f"{path}.resourceRules[{index}].{field}")


def _expressions(spec: Spec) -> Iterator[Cause]:
    """Expressions that are missing, or none."""
    for field, part in (("validations", "expression"), ("variables", "expression"), ("matchConditions", "expression")):
        for index, entry in enumerate(spec.get(field) or ()):
            yield from expression(entry.get(part), f"spec.{field}[{index}].{part}", field == "validations")
            reason = entry.get("reason") if field == "validations" else None
            if reason and reason not in _REASONS:
                yield not_supported(f"spec.{field}[{index}].reason", reason, _REASONS)


def expression(text: Any, path: str, rule: bool = False) -> Iterator[Cause]:
    """What is wrong with the writing of an expression."""

    if not str(text or "").strip():
        yield required(path, "expression is not specified" if rule else "")
        return
    try:
        compiled(str(text))
    except ExpressionError as error:
        yield invalid_value(path, text, str(error))
