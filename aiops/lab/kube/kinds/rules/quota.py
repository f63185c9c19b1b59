"""ResourceQuotas and LimitRanges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, duplicate, forbidden, invalid_value, required
from aiops.lab.kube.kinds.checks.formats import label_key
from aiops.lab.kube.kinds.checks.numbers import amount
from aiops.lab.kube.kinds.checks.quantities import plain_list
from aiops.lab.kube.kinds.podspec.resources import container_resource_name, quantity, resource_name
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_QUOTA_NAMES = frozenset(
    (*_COMPUTE, *(f"requests.{n}" for n in (*_COMPUTE, "storage")), *(f"limits.{n}" for n in _COMPUTE), "pods",
     "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps",
     "services.nodeports", "services.loadbalancers")
)  # fmt: skip
_POD_NAMES = frozenset((*_COMPUTE, *(f"{k}.{n}" for k in ("requests", "limits") for n in _COMPUTE), "pods"))
_SCOPES = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
           "CrossNamespacePodAffinity", "VolumeAttributesClass")  # fmt: skip
_EXISTS_ONLY = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity")
_CONFLICTS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_AMOUNTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")


@rules("ResourceQuota")
class QuotaRules(Rules):
    """As `ValidateResourceQuotaSpec`; scopes stay."""

    def default(self, new: Manifest) -> None:
        plain_list(new.setdefault("spec", {}).get("hard"))

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        for name, value in sorted((spec.get("hard") or {}).items()):
            path = f"spec.hard[{name}]"
            yield from _quota_name(name, path)
            yield from quantity(name, value, path)
        yield from _scopes(spec)
        if spec.get("scopeSelector"):
            yield from _scope_selector(spec, "spec.scopeSelector.matchExpressions")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        now, before = new["spec"].get("scopes") or [], old["spec"].get("scopes") or []
        if set(now) != set(before):
            yield invalid_value("spec.scopes", now, IMMUTABLE)


def _quota_name(name: str, path: str) -> Iterator[Cause]:
    if name in _QUOTA_NAMES:
        return
    yield from resource_name(name, path)
    if "/" not in name and not name.startswith(("hugepages-", "requests.hugepages-")):
        yield invalid_value(path, name, "must be a standard resource for quota")


def _scopes(spec: Spec) -> Iterator[Cause]:
    scopes, hard = spec.get("scopes") or [], sorted(spec.get("hard") or ())
    for scope in scopes:
        if scope not in _SCOPES:
            yield invalid_value("spec.scopes", scopes, "unsupported scope")
        for name in hard:
            if name in _QUOTA_NAMES and not _suits(scope, name):
                yield invalid_value("spec.scopes", scopes, "unsupported scope applied to resource")
    for pair in _CONFLICTS:
        if all(scope in scopes for scope in pair):
            yield invalid_value("spec.scopes", scopes, "conflicting scopes")


def _suits(scope: str, name: str) -> bool:
    """Can what a scope is about be counted as this resource?"""
    if scope == "BestEffort":
        return name == "pods"
    if scope == "VolumeAttributesClass":
        return name in ("persistentvolumeclaims", "requests.storage")
    return scope not in _SCOPES or name in _POD_NAMES


def _scope_selector(spec: Spec, path: str) -> Iterator[Cause]:
    for entry in spec["scopeSelector"].get("matchExpressions") or ():
        scope, operator = entry.get("scopeName", ""), entry.get("operator", "")
        values = entry.get("values") or []
        if scope not in _SCOPES:
            yield invalid_value(f"{path}.scopeName", scope, "unsupported scope")
        if scope in _EXISTS_ONLY and operator != "Exists":
            why = (
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                "ResourceQuotaScopeCrossNamespacePodAffinity"
            )
            yield invalid_value(f"{path}.operator", operator, why)
        if operator in ("In", "NotIn") and not values:
            why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            yield required(f"{path}.values", why)
        elif operator in ("Exists", "DoesNotExist") and values:
            why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            yield invalid_value(f"{path}.values", values, why)
        elif operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield invalid_value(f"{path}.operator", operator, "not a valid selector operator")


@rules("LimitRange")
class LimitRangeRules(Rules):
    """As `ValidateLimitRange`."""

    def default(self, new: Manifest) -> None:
        for item in new.setdefault("spec", {}).setdefault("limits", []):
            for field in _AMOUNTS:
                plain_list(item.get(field))
            if item.get("type") == "Container":
                _container_defaults(item)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        seen: set[str] = set()
        for index, item in enumerate(new["spec"]["limits"] or ()):
            path, kind = f"spec.limits[{index}]", item.get("type", "")
            yield from _type(kind, f"{path}.type")
            if kind in seen:
                yield duplicate(f"{path}.type", kind)
            seen.add(kind)
            yield from _limit_names(item, kind, path)
            names = sorted({name for field in _AMOUNTS for name in item.get(field) or ()})
            for name in names:
                yield from _order(item, name, path)


def _container_defaults(item: Spec) -> None:
    """Limits come from the maximum, requests from the limits, then from the minimum."""
    default = item.setdefault("default", {})
    request = item.setdefault("defaultRequest", {})
    for name, value in (item.get("max") or {}).items():
        default.setdefault(name, value)
    for name, value in default.items():
        request.setdefault(name, value)
    for name, value in (item.get("min") or {}).items():
        request.setdefault(name, value)
    for field in ("default", "defaultRequest"):
        if not item[field]:
            del item[field]


def _type(kind: str, path: str) -> Iterator[Cause]:
    wrong = label_key(kind)
    for why in wrong:
        yield invalid_value(path, kind, why)
    if not wrong and "/" not in kind and kind not in _TYPES:
        yield invalid_value(path, kind, "must be a standard limit type or fully qualified")


def _limit_names(item: Spec, kind: str, path: str) -> Iterator[Cause]:
    check = container_resource_name if kind in ("Pod", "Container") else resource_name
    for field in _AMOUNTS:
        if kind == "Pod" and field in ("default", "defaultRequest"):
            if item.get(field):
                yield forbidden(f"{path}.{field}", "may not be specified when `type` is 'Pod'")
            continue
        for name in sorted(item.get(field) or ()):
            yield from check(name, f"{path}.{field}[{name}]")
    bounds = {**(item.get("min") or {}), **(item.get("max") or {})}
    if kind == "PersistentVolumeClaim" and "storage" not in bounds:
        why = "either minimum or maximum storage value is required, but neither was provided"
        yield required(f"{path}.limits", why)


_PAIRS = (
    ("min", "min", "max", "min value {} is greater than max value {}"),
    ("defaultRequest", "min", "defaultRequest", "min value {} is greater than default request value {}"),
    ("defaultRequest", "defaultRequest", "max", "default request value {} is greater than max value {}"),
    ("defaultRequest", "defaultRequest", "default", "default request value {} is greater than default limit value {}"),
    ("default", "min", "default", "min value {} is greater than default value {}"),
    ("default", "default", "max", "default value {} is greater than max value {}"),
)
_SHOWN = {3: "defaultRequest", 4: "min", 5: "max"}
"""Which of the values an error of each pair quotes; the first four quote that of their own field."""


def _order(item: Spec, name: str, path: str) -> Iterator[Cause]:
    found = {field: (item.get(field) or {}).get(name) for field in _AMOUNTS}
    if item.get("type") == "Pod":
        found |= {"default": None, "defaultRequest": None}
    for number, (field, small, big, why) in enumerate(_PAIRS):
        low, high = found[small], found[big]
        if low is not None and high is not None and amount(low) > amount(high):
            quoted = found[_SHOWN.get(number, field)]
            yield invalid_value(f"{path}.{field}[{name}]", quoted, why.format(low, high))
    ratio = found["maxLimitRequestRatio"]
    if ratio is None:
        return
    where = f"{path}.maxLimitRequestRatio[{name}]"
    if amount(ratio) < 1:
        yield invalid_value(where, ratio, f"ratio {ratio} is less than 1")
    if found["min"] is not None and found["max"] is not None and amount(found["min"]):
        most = amount(found["max"]) / amount(found["min"])
        if amount(ratio) > most:
            yield invalid_value(where, ratio, f"ratio {ratio} is greater than max/min = {most:f}")
