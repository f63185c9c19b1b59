"""Which webhooks a request concerns: rules, selectors, exemptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Cluster
from aiops.lab.kube.objects import labels_of
from aiops.lab.kube.selectors import matches_selector

_EXEMPT = (
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
)
"""What no webhook is asked about, so that a broken one can be repaired."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of a configuration."""

    configuration: str
    index: int
    body: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.body["name"])

    @property
    def ignores_failures(self) -> bool:
        return str(self.body.get("failurePolicy")) == "Ignore"

    @property
    def takes_dry_runs(self) -> bool:
        return str(self.body.get("sideEffects")) in ("None", "NoneOnDryRun")

    @property
    def timeout(self) -> int:
        """Seconds."""
        return int(self.body.get("timeoutSeconds") or 10)


def hooks_for(cluster: Cluster, configurations: Iterable[Manifest], request: Attributes) -> list[Hook]:
    """The webhooks to ask, by configuration's name and place."""
    if request.resource.shelf in _EXEMPT:
        return []
    found = []
    for configuration in configurations:
        for index, body in enumerate(configuration.get("webhooks") or ()):
            if concerns(cluster, body, request):
                found.append(Hook(configuration["metadata"]["name"], index, body))
    return found


def concerns(cluster: Cluster, body: Mapping[str, Any], request: Attributes) -> bool:
    """Is a webhook to be asked about a request?"""
    if not any(rule_matches(rule, request) for rule in body.get("rules") or ()):
        return False
    return _object_selected(body, request) and _namespace_selected(cluster, body, request)


def rule_matches(rule: Mapping[str, Any], request: Attributes) -> bool:
    """Does a rule of operations and resources name what a request does?"""
    resource = request.resource
    scope = rule.get("scope") or "*"
    inside = bool(request.namespace) and resource.namespaced
    return (
        _has(rule.get("operations"), request.operation)
        and _has(rule.get("apiGroups"), resource.group)
        and _has(rule.get("apiVersions"), resource.version)
        and scope in ("*", "Namespaced" if inside else "Cluster")
        and any(_names(pattern, resource.plural, request.subresource) for pattern in rule.get("resources") or ())
    )


def _has(values: Any, wanted: str) -> bool:
    return "*" in (values or ()) or wanted in (values or ())


def _names(pattern: str, plural: str, subresource: str) -> bool:
    kind, _, part = pattern.partition("/")
    if not part:
        return not subresource and kind in ("*", plural)
    return kind in ("*", plural) and (part == "*" or part == subresource)


def _object_selected(body: Mapping[str, Any], request: Attributes) -> bool:
    selector = body.get("objectSelector")
    if not selector:
        return True
    objects = [item for item in (request.new, request.old) if item]
    return any(matches_selector(selector, (item.get("metadata") or {}).get("labels") or {}) for item in objects)


def _namespace_selected(cluster: Cluster, body: Mapping[str, Any], request: Attributes) -> bool:
    selector = body.get("namespaceSelector")
    if not selector:
        return True
    if request.resource.shelf == "Namespace":
        item = request.new or request.old or {}
        return matches_selector(selector, (item.get("metadata") or {}).get("labels") or {})
    if not request.namespace:
        return True
    namespace = cluster.find("Namespace", "", request.namespace)
    return namespace is not None and matches_selector(selector, labels_of(namespace))
