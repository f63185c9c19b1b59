"""Kinds that are served in more than one version: stored in one, converted for those who ask for another.

The first version of a shelf in the catalog is the stored one. Custom kinds differ in their apiVersion alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import Resource

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
_BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_KEPT_IN_ANNOTATIONS = (_METRICS, _CONDITIONS, _CURRENT, _BEHAVIOR)
_CPU_DEFAULT = 80


def to_version(item: Manifest, resource: Resource, stored: Resource) -> Manifest:
    """A stored object in the version of `resource`. The one given stays as it is."""
    if resource.version == stored.version and resource.group == stored.group:
        return item
    convert = _FROM_STORED.get((resource.api_version, resource.kind))
    return {**(convert(item) if convert else item), "apiVersion": resource.api_version}


def to_stored(item: Manifest, resource: Resource, stored: Resource) -> Manifest:
    """An object of the version of `resource` as it is stored. The one given stays as it is."""
    if resource.version == stored.version and resource.group == stored.group:
        return item
    convert = _TO_STORED.get((resource.api_version, resource.kind))
    return {**(convert(item) if convert else item), "apiVersion": stored.api_version}


# ---- autoscaling/v1: one target for CPU; the rest stands in annotations


def _autoscaler_to_v1(item: Manifest) -> Manifest:
    spec = dict(item.get("spec") or {})
    status = dict(item.get("status") or {})
    annotations = dict(item["metadata"].get("annotations") or {})
    others = []
    for metric in spec.pop("metrics", None) or ():
        share = _cpu_share(metric)
        if share is not None and "targetCPUUtilizationPercentage" not in spec:
            spec["targetCPUUtilizationPercentage"] = share
        else:
            others.append(_metric_to_v1(metric))
    _noted(annotations, _METRICS, others)
    _noted(annotations, _BEHAVIOR, _go_fields(spec.pop("behavior", None)))
    current = status.pop("currentMetrics", None) or []
    for metric in current:
        share = ((metric.get("resource") or {}).get("current") or {}).get("averageUtilization")
        if (metric.get("resource") or {}).get("name") == "cpu" and share is not None:
            status["currentCPUUtilizationPercentage"] = share
    _noted(annotations, _CURRENT, [_metric_to_v1(metric) for metric in current])
    _noted(annotations, _CONDITIONS, status.pop("conditions", None))
    status.setdefault("currentReplicas", 0)
    status.setdefault("desiredReplicas", 0)
    metadata = {**item["metadata"], **({"annotations": annotations} if annotations else {})}
    return {**item, "metadata": metadata, "spec": spec, "status": status}


def _noted(annotations: dict[str, str], name: str, value: Any) -> None:
    if value:
        annotations[name] = orjson.dumps(value).decode()


def _go_fields(behavior: Any) -> Any:
    """Behaviour is noted with the names of Go's fields."""
    if isinstance(behavior, dict):
        return {name[0].upper() + name[1:]: _go_fields(value) for name, value in behavior.items()}
    if isinstance(behavior, list):
        return [_go_fields(item) for item in behavior]
    return behavior


def _json_fields(behavior: Any) -> Any:
    if isinstance(behavior, dict):
        return {name[0].lower() + name[1:]: _json_fields(value) for name, value in behavior.items()}
    if isinstance(behavior, list):
        return [_json_fields(item) for item in behavior]
    return behavior


def _cpu_share(metric: dict[str, Any]) -> int | None:
    source = metric.get("resource") or {}
    if metric.get("type") != "Resource" or source.get("name") != "cpu":
        return None
    share = (source.get("target") or {}).get("averageUtilization")
    return None if share is None else int(share)


def _metric_to_v1(metric: dict[str, Any]) -> dict[str, Any]:
    kind = metric.get("type", "")
    if not kind:  # a metric that could not be had
        return {"type": kind}
    field = kind[:1].lower() + kind[1:]
    source = metric.get(field) or {}
    if kind in ("Resource", "ContainerResource"):
        target = source.get("target") or source.get("current") or {}
        prefix = "target" if "target" in source else "current"
        shown: dict[str, Any] = {"name": source.get("name", "")}
        if "averageUtilization" in target:
            shown[f"{prefix}AverageUtilization"] = target["averageUtilization"]
        if "averageValue" in target:
            shown[f"{prefix}AverageValue"] = target["averageValue"]
        if "container" in source:
            shown["container"] = source["container"]
        return {"type": kind, field: shown}
    return {"type": kind, field: source}


def _metric_to_v2(metric: dict[str, Any]) -> dict[str, Any]:
    kind = metric.get("type", "")
    field = kind[:1].lower() + kind[1:]
    source = dict(metric.get(field) or {})
    if kind not in ("Resource", "ContainerResource"):
        return {"type": kind, field: source}
    share, value = source.pop("targetAverageUtilization", None), source.pop("targetAverageValue", None)
    target = (
        {"type": "Utilization", "averageUtilization": share}
        if share is not None
        else {"type": "AverageValue", "averageValue": value}
    )
    return {"type": kind, field: {**source, "target": target}}


def _autoscaler_from_v1(item: Manifest) -> Manifest:
    spec = dict(item.get("spec") or {})
    status = dict(item.get("status") or {})
    annotations = dict(item["metadata"].get("annotations") or {})
    noted = {name: _read(annotations.pop(name)) for name in _KEPT_IN_ANNOTATIONS if name in annotations}
    metrics = [_metric_to_v2(metric) for metric in noted.get(_METRICS) or ()]
    share = spec.pop("targetCPUUtilizationPercentage", None)
    if share is None and not metrics:
        share = _CPU_DEFAULT
    if share is not None:
        target = {"type": "Utilization", "averageUtilization": share}
        metrics.append({"type": "Resource", "resource": {"name": "cpu", "target": target}})
    spec["metrics"] = metrics
    if noted.get(_BEHAVIOR):
        spec["behavior"] = _json_fields(noted[_BEHAVIOR])
    status.pop("currentCPUUtilizationPercentage", None)
    if noted.get(_CONDITIONS):
        status["conditions"] = noted[_CONDITIONS]
    metadata = {key: value for key, value in item["metadata"].items() if key != "annotations"}
    if annotations:
        metadata["annotations"] = annotations
    return {**item, "metadata": metadata, "spec": spec, "status": status}


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


# ---- events.k8s.io/v1: other names for the fields of an Event

_EVENT_NAMES = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_OLD_EVENT_NAMES = {new: old for old, new in _EVENT_NAMES.items()}
_LEFT_OUT_EMPTY = ("reportingController", "reportingInstance")


def _event_to_new(item: Manifest) -> Manifest:
    made = {_EVENT_NAMES.get(name, name): value for name, value in item.items()}
    for name in _LEFT_OUT_EMPTY:
        if made.get(name) == "":
            del made[name]
    return made


def _event_from_new(item: Manifest) -> Manifest:
    made = {_OLD_EVENT_NAMES.get(name, name): value for name, value in item.items()}
    return {"involvedObject": {}, **made}


_FROM_STORED: dict[tuple[str, str], Callable[[Manifest], Manifest]] = {
    ("autoscaling/v1", "HorizontalPodAutoscaler"): _autoscaler_to_v1,
    ("events.k8s.io/v1", "Event"): _event_to_new,
}
_TO_STORED: dict[tuple[str, str], Callable[[Manifest], Manifest]] = {
    ("autoscaling/v1", "HorizontalPodAutoscaler"): _autoscaler_from_v1,
    ("events.k8s.io/v1", "Event"): _event_from_new,
}
