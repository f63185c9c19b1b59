"""HorizontalPodAutoscalers (autoscaling/v2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, path_segment
from aiops.lab.kube.kinds.checks.numbers import POSITIVE, amount
from aiops.lab.kube.kinds.checks.quantities import plain_field
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_SOURCES = {"ContainerResource": "containerResource", "External": "external", "Object": "object", "Pods": "pods",
            "Resource": "resource"}  # fmt: skip
_ORDER = ("object", "external", "pods", "resource", "containerResource")
_POLICIES = ("Percent", "Pods")
_SELECT = ("Disabled", "Max", "Min")
_LONGEST_WINDOW = 3600
_LONGEST_PERIOD = 1800
_UP: Spec = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
_DOWN: Spec = {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}
_CPU: Spec = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization",
              "averageUtilization": 80}}}  # fmt: skip


@rules("HorizontalPodAutoscaler")
class AutoscalerRules(Rules):
    """As `validateHorizontalPodAutoscalerSpec`."""

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        spec.setdefault("minReplicas", 1)
        if not spec.get("metrics"):
            spec["metrics"] = [{**_CPU, "resource": {**_CPU["resource"], "target": dict(_CPU["resource"]["target"])}}]
        if "behavior" in spec:
            behavior = spec["behavior"]
            behavior["scaleUp"] = _completed(behavior.get("scaleUp"), _UP)
            behavior["scaleDown"] = _completed(behavior.get("scaleDown"), _DOWN)
        for metric in spec["metrics"]:
            for source in metric.values():
                if isinstance(source, dict):
                    plain_field(source.get("target"), "value")
                    plain_field(source.get("target"), "averageValue")

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"desiredReplicas": 0, "currentMetrics": None}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        least, most = spec["minReplicas"], spec.get("maxReplicas", 0)
        if least < 1:
            yield invalid_value("spec.minReplicas", least, "must be greater than or equal to 1")
        if most == 0:
            yield required("spec.maxReplicas", "must be set and greater than 0")
        elif most < 0:
            yield invalid_value("spec.maxReplicas", most, "must be greater than or equal to 1")
        if most < least:
            yield invalid_value("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
        yield from _reference(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")
        for index, metric in enumerate(spec["metrics"]):
            yield from _metric(metric, f"spec.metrics[{index}]")
        if least == 0 and not any(metric.get("type") in ("Object", "External") for metric in spec["metrics"]):
            why = "must specify at least one Object or External metric to support scaling to zero replicas"
            yield forbidden("spec.metrics", why)
        for field in ("scaleUp", "scaleDown"):
            if "behavior" in spec:
                yield from _scaling_rules(spec["behavior"][field], f"spec.behavior.{field}")


def _completed(given: Spec | None, defaults: Spec) -> Spec:
    merged = {**defaults, **(given or {})}
    return {**merged, "policies": [dict(policy) for policy in merged["policies"]]}


def _reference(reference: Spec, path: str) -> Iterator[Cause]:
    for field in ("kind", "name"):
        value = reference.get(field, "")
        if not value:
            yield required(f"{path}.{field}")
            continue
        for why in path_segment(value):
            yield invalid_value(f"{path}.{field}", value, why)
    version = reference.get("apiVersion", "")
    if "/" not in version:
        yield invalid_value(f"{path}.apiVersion", version, "apiVersion must specify API group")


def _metric(metric: Spec, path: str) -> Iterator[Cause]:
    kind = metric.get("type", "")
    if not kind:
        yield required(f"{path}.type", "must specify a metric source type")
    if kind not in _SOURCES:
        yield not_supported(f"{path}.type", kind, sorted(_SOURCES))
    present = [field for field in _ORDER if metric.get(field) is not None]
    if present:
        yield from _source(present[0], metric[present[0]], f"{path}.{present[0]}")
    expected = _SOURCES.get(kind, "")
    if expected and expected not in present:
        yield required(f"{path}.{expected}", "must populate information for the given metric source")
    if not expected:
        yield not_supported(f"{path}.type", kind, sorted(_SOURCES))
    if len(present) != 1:
        for field in present:
            if field != expected:
                yield forbidden(f"{path}.{field}", "must populate the given metric source only")


def _source(kind: str, source: Spec, path: str) -> Iterator[Cause]:
    target, where = source.get("target") or {}, f"{path}.target"
    if kind == "object":
        yield from _reference(source.get("describedObject") or {}, f"{path}.describedObject")
    if kind in ("object", "external", "pods"):
        yield from _identifier(source.get("metric") or {}, f"{path}.metric")
    elif not source.get("name"):
        yield required(f"{path}.name", "must specify a resource name")
    if kind == "containerResource":
        yield from _container(source.get("container", ""), f"{path}.container")
    yield from _target(target, where)
    yield from _complete(kind, target, where)


def _identifier(metric: Spec, path: str) -> Iterator[Cause]:
    if not metric.get("name"):
        yield required(f"{path}.name", "must specify a metric name")
        return
    for why in path_segment(metric["name"]):
        yield invalid_value(f"{path}.name", metric["name"], why)


def _container(name: str, path: str) -> Iterator[Cause]:
    if not name:
        yield required(path, "must specify a container")
        return
    for why in dns_label(name):
        yield invalid_value(path, name, why)


def _target(target: Spec, path: str) -> Iterator[Cause]:
    kind = target.get("type", "")
    if not kind:
        yield required(f"{path}.type", "must specify a metric target type")
    if kind not in ("Utilization", "Value", "AverageValue"):
        yield invalid_value(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for field in ("value", "averageValue"):
        if target.get(field) is not None and not amount(target[field]) > 0:
            yield invalid_value(f"{path}.{field}", target[field], "must be positive")
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        yield invalid_value(f"{path}.averageUtilization", share, "must be greater than 0")


def _complete(kind: str, target: Spec, path: str) -> Iterator[Cause]:
    value, average, share = (target.get(f) is not None for f in ("value", "averageValue", "averageUtilization"))
    if kind == "object" and not value and not average:
        yield required(f"{path}.averageValue", "must set either a target value or averageValue")
    elif kind == "external" and not value and not average:
        yield required(f"{path}.averageValue", "must set either a target value for metric or a per-pod target")
    elif kind == "external" and value and average:
        yield forbidden(f"{path}.value", "may not set both a target value for metric and a per-pod target")
    elif kind == "pods" and not average:
        yield required(f"{path}.averageValue", "must specify a positive target averageValue")
    elif kind in ("resource", "containerResource") and not share and not average:
        yield required(f"{path}.averageUtilization", "must set either a target raw value or a target utilization")
    elif kind in ("resource", "containerResource") and share and average:
        yield forbidden(f"{path}.averageValue", "may not set both a target raw value and a target utilization")


def _scaling_rules(found: Spec, path: str) -> Iterator[Cause]:
    window = found.get("stabilizationWindowSeconds")
    if window is not None and window < 0:
        yield invalid_value(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
    if window is not None and window > _LONGEST_WINDOW:
        why = f"must be less than or equal to {_LONGEST_WINDOW}"
        yield invalid_value(f"{path}.stabilizationWindowSeconds", window, why)
    if found.get("selectPolicy") not in (None, *_SELECT):
        yield not_supported(f"{path}.selectPolicy", found["selectPolicy"], _SELECT)
    if not found.get("policies"):
        yield required(f"{path}.policies", "must specify at least one Policy")
    for index, policy in enumerate(found.get("policies") or ()):
        yield from _policy(policy, f"{path}.policies[{index}]")


def _policy(policy: Spec, path: str) -> Iterator[Cause]:
    if policy.get("type") not in _POLICIES:
        yield not_supported(f"{path}.type", policy.get("type", ""), _POLICIES)
    for field in ("value", "periodSeconds"):
        if policy.get(field, 0) <= 0:
            yield invalid_value(f"{path}.{field}", policy.get(field, 0), POSITIVE)
    if policy.get("periodSeconds", 0) > _LONGEST_PERIOD:
        why = f"must be less than or equal to {_LONGEST_PERIOD}"
        yield invalid_value(f"{path}.periodSeconds", policy["periodSeconds"], why)
