"""Configurations of admission webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import duplicate, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_1035, dns_subdomain, port_number
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.rules.admissionpolicies import expression
from aiops.lab.kube.kinds.rules.base import Rules, rules

Spec = dict[str, Any]

LONGEST_TIMEOUT = 30
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_REVIEWS = ("v1", "v1beta1")
_FORM = "; desired format: https://host[/path]"


class _Webhooks(Rules):
    """As `ValidateValidatingWebhookConfiguration` and its mutating sibling."""

    mutating = False

    def default(self, new: Manifest) -> None:
        for hook in new.get("webhooks") or ():
            hook.setdefault("failurePolicy", "Fail")
            hook.setdefault("matchPolicy", "Equivalent")
            hook.setdefault("namespaceSelector", {})
            hook.setdefault("objectSelector", {})
            hook.setdefault("timeoutSeconds", 10)
            if self.mutating:
                hook.setdefault("reinvocationPolicy", "Never")
            for rule in hook.get("rules") or ():
                rule.setdefault("scope", "*")
            service = (hook.get("clientConfig") or {}).get("service")
            if service:
                service.setdefault("port", 443)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        names: set[str] = set()
        for index, hook in enumerate(new.get("webhooks") or ()):
            path = f"webhooks[{index}]"
            yield from _hook(hook, path)
            for place, condition in enumerate(hook.get("matchConditions") or ()):
                yield from expression(condition.get("expression"), f"{path}.matchConditions[{place}].expression")
            if self.mutating and hook.get("reinvocationPolicy") not in ("Never", "IfNeeded"):
                yield not_supported(f"{path}.reinvocationPolicy", hook.get("reinvocationPolicy"), ("IfNeeded", "Never"))
            yield from _reviews(hook.get("admissionReviewVersions") or [], f"{path}.admissionReviewVersions")
            if hook.get("name") in names:
                yield duplicate(f"{path}.name", hook["name"])
            names.add(hook.get("name", ""))


@rules("ValidatingWebhookConfiguration")
class ValidatingWebhookRules(_Webhooks):
    """Webhooks that refuse."""


@rules("MutatingWebhookConfiguration")
class MutatingWebhookRules(_Webhooks):
    """Webhooks that change, and refuse."""

    mutating = True


def _hook(hook: Spec, path: str) -> Iterator[Cause]:
    yield from _name(hook.get("name", ""), f"{path}.name")
    for index, rule in enumerate(hook.get("rules") or ()):
        yield from _rule(rule, f"{path}.rules[{index}]")
    if hook.get("failurePolicy") not in ("Fail", "Ignore"):
        yield not_supported(f"{path}.failurePolicy", hook.get("failurePolicy"), ("Fail", "Ignore"))
    if hook.get("matchPolicy") not in ("Exact", "Equivalent"):
        yield not_supported(f"{path}.matchPolicy", hook.get("matchPolicy"), ("Equivalent", "Exact"))
    if hook.get("sideEffects") is None:
        yield required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun")
    elif hook["sideEffects"] not in ("None", "NoneOnDryRun"):
        yield not_supported(f"{path}.sideEffects", hook["sideEffects"], ("None", "NoneOnDryRun"))
    if not 1 <= hook["timeoutSeconds"] <= LONGEST_TIMEOUT:
        why = f"the timeout value must be between 1 and {LONGEST_TIMEOUT} seconds"
        yield invalid_value(f"{path}.timeoutSeconds", hook["timeoutSeconds"], why)
    yield from label_selector(hook.get("namespaceSelector"), f"{path}.namespaceSelector")
    yield from label_selector(hook.get("objectSelector"), f"{path}.objectSelector")
    yield from _client(hook.get("clientConfig") or {}, f"{path}.clientConfig")


def _name(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path)
        return
    for why in dns_subdomain(name):
        yield invalid_value(path, name, why)
    if len(name.split(".")) < 3:
        yield invalid_value(path, name, "should be a domain with at least three segments separated by dots")


def _rule(rule: Spec, path: str) -> Iterator[Cause]:
    operations = rule.get("operations") or []
    if not operations:
        yield required(f"{path}.operations")
    if len(operations) > 1 and "*" in operations:
        yield invalid_value(f"{path}.operations", operations, "if '*' is present, must not specify other operations")
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield not_supported(f"{path}.operations[{index}]", operation, _OPERATIONS)
    for field, title in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(field) or []
        if not values:
            yield required(f"{path}.{field}")
        if len(values) > 1 and "*" in values:
            yield invalid_value(f"{path}.{field}", values, f"if '*' is present, must not specify other {title}")
    for index, version in enumerate(rule.get("apiVersions") or ()):
        if not version:
            yield required(f"{path}.apiVersions[{index}]")
    yield from _resources(rule.get("resources") or [], f"{path}.resources")
    if rule.get("scope") not in ("*", "Cluster", "Namespaced"):
        yield not_supported(f"{path}.scope", rule.get("scope"), ("*", "Cluster", "Namespaced"))


def _resources(resources: list[str], path: str) -> Iterator[Cause]:
    if not resources:
        yield required(path)
    whole: set[str] = set()
    everywhere: set[str] = set()
    for index, resource in enumerate(resources):
        if not resource:
            yield required(f"{path}[{index}]")
            continue
        kind, slash, part = resource.partition("/")
        if not slash:
            continue
        for known, pattern in ((kind in whole, f"{kind}/*"), (part in everywhere, f"*/{part}")):
            if known:
                why = f"if '{pattern}' is present, must not specify {resource}"
                yield invalid_value(f"{path}[{index}]", resource, why)
        whole |= {kind} if part == "*" else set()
        everywhere |= {part} if kind == "*" else set()
    if len(resources) > 1 and "*/*" in resources:
        yield invalid_value(path, resources, "if '*/*' is present, must not specify other resources")
    if "*" in resources and any(item and "/" not in item and item != "*" for item in resources):
        why = "if '*' is present, must not specify other resources without subresources"
        yield invalid_value(path, resources, why)


def _reviews(versions: list[str], path: str) -> Iterator[Cause]:
    if not versions:
        yield required(path, f"must specify one of {', '.join(_REVIEWS)}")
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid_value(f"{path}[{index}]", version, "duplicate version")
            continue
        for why in dns_1035(version):
            yield invalid_value(f"{path}[{index}]", version, why)
    if not any(version in _REVIEWS for version in versions):
        yield invalid_value(path, versions, f"must include at least one of {', '.join(_REVIEWS)}")


def _client(config: Spec, path: str) -> Iterator[Cause]:
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _url(url, f"{path}.url")
    else:
        yield from _service(service or {}, f"{path}.service")


def _url(url: str, path: str) -> Iterator[Cause]:
    parts = urlsplit(url)
    if parts.scheme != "https":
        yield invalid_value(path, parts.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    user, _, host = parts.netloc.rpartition("@")
    if not host:
        yield invalid_value(path, "", f"host must be specified{_FORM}")
    if user:
        yield invalid_value(path, user, "user information is not permitted in the URL")
    if parts.fragment:
        yield invalid_value(path, parts.fragment, "fragments are not permitted in the URL")
    if parts.query:
        yield invalid_value(path, parts.query, "query parameters are not permitted in the URL")


def _service(service: Spec, path: str) -> Iterator[Cause]:
    for field in ("name", "namespace"):
        if not service.get(field):
            yield required(f"{path}.{field}")
    if wrong := port_number(service["port"]):
        yield invalid_value(f"{path}.port", service["port"], f"port is not valid: {', '.join(wrong)}")
    place = service.get("path")
    if place in (None, "", "/"):
        return
    if not place.startswith("/"):
        yield invalid_value(f"{path}.path", place, "must start with a '/'")
    for index, step in enumerate(place[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid_value(f"{path}.path", place, f"segment[{index}] may not be empty")
            continue
        for why in dns_subdomain(step):
            yield invalid_value(f"{path}.path", place, f"segment[{index}]: {why}")
