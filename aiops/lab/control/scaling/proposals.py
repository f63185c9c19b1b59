"""What each metric of an autoscaler calls for, or why it can't be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.scaling.samples import NoMetricsError, milli, resource_samples
from aiops.lab.control.scaling.usage import Target, Tolerance, propose
from aiops.lab.kube.objects import labels_of
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.store import ObjectStore

_NO_CUSTOM = "no custom metrics API (custom.metrics.k8s.io) registered"


class MetricError(Exception):
    """A metric that gives no number. `reason` is that of the condition and the Event, `detail` their text."""

    def __init__(self, reason: str, detail: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one metric asks for: replicas, its name in messages, and its entry in `currentMetrics`."""

    replicas: int
    name: str
    status: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What is scaled: the pods' selector, how many there are to be, and how much may differ."""

    namespace: str
    selector: Manifest
    current: int
    tolerance: Tolerance


def wanted(store: ObjectStore, metric: Mapping[str, Any], question: Question) -> Wanted:
    """Ask one metric. Raises `MetricError`."""
    kind = metric["type"]
    if kind == "Resource":
        source = metric["resource"]
        return _resource(store, source, question, "resource", "FailedGetResourceMetric", f"{source['name']} resource")
    if kind == "ContainerResource":
        source = metric["containerResource"]
        reason, what = "FailedGetContainerResourceMetric", f"{source['container']} container"
        return _resource(store, source, question, "containerResource", reason, what)
    if kind == "Pods":
        name = metric["pods"]["metric"]["name"]
        detail = f"unable to get metric {name}: unable to fetch metrics from custom metrics API: {_NO_CUSTOM}"
        raise MetricError("FailedGetPodsMetric", detail, f"failed to get pods metric value: {detail}")
    if kind == "Object":
        raise _object(metric["object"], question.namespace)
    if kind == "External":
        raise _external(metric["external"], question.namespace)
    detail = f'unknown metric source type "{kind}"'
    raise MetricError("InvalidMetricSourceType", detail, detail)


def _resource(
    store: ObjectStore, source: Mapping[str, Any], question: Question, field: str, reason: str, what: str
) -> Wanted:
    name, container = source["name"], source.get("container", "")
    goal = source["target"]
    if goal.get("averageValue") is not None:
        target, measured = Target(name, average=milli(goal["averageValue"]), container=container), "usage"
    else:
        target, measured = Target(name, utilisation=goal["averageUtilization"], container=container), "utilization"
    pods = [
        pod for pod in store.objects("Pod", question.namespace) if matches_selector(question.selector, labels_of(pod))
    ]
    try:
        try:
            samples = resource_samples(store, question.namespace, question.selector, name, container)
        except NoMetricsError as error:
            raise NoMetricsError(f"unable to get metrics for resource {name}: {error}") from error
        proposal = propose(pods, samples, target, question.current, question.tolerance, store.now())
    except NoMetricsError as error:
        detail = f"failed to get {name} {measured}: {error}"
        raise MetricError(reason, detail, f"failed to get {what} metric value: {detail}") from error
    current: dict[str, Any] = {"averageValue": _quantity(name, proposal.average)}
    label = f"{name} resource"
    if target.utilisation:
        current["averageUtilization"] = proposal.utilisation
        label = f"{name} {'container ' if container else ''}resource utilization (percentage of request)"
    entry = {"name": name, **({"container": container} if container else {}), "current": current}
    return Wanted(proposal.replicas, label, {"type": field[0].upper() + field[1:], field: entry})


def _quantity(resource: str, value: int) -> str:
    """Thousandths as Kubernetes writes them: `250m`, `3`; memory in the largest whole power of 1024."""
    if value % 1000:
        return f"{value}m"
    whole = value // 1000
    if resource == "memory" and whole:
        for suffix, size in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
            if whole % size == 0:
                return f"{whole // size}{suffix}"
    return str(whole)


def _object(source: Mapping[str, Any], namespace: str) -> MetricError:
    name, about = source["metric"]["name"], source["describedObject"]
    why = f"unable to fetch metrics from custom metrics API: {_NO_CUSTOM}"
    # The server's own words, in its own order.
    detail = f"unable to get metric {name}: {about['kind']} on {namespace} {about['name']}/{why}"
    inner = detail
    if source["target"].get("averageValue") is not None:
        inner = f"failed to get {name} object metric: {detail}"
    return MetricError("FailedGetObjectMetric", detail, f"failed to get object metric value: {inner}")


def _external(source: Mapping[str, Any], namespace: str) -> MetricError:
    name, selector = source["metric"]["name"], source["metric"].get("selector")
    shown = "nil" if selector is None else _selector(selector)
    missing = f"the server could not find the requested resource (get {name}.external.metrics.k8s.io)"
    why = f"unable to fetch metrics from external metrics API: {missing}"
    detail = f"unable to get external metric {namespace}/{name}/{shown}: {why}"
    if source["target"].get("averageValue") is not None:
        inner = f"failed to get {name} external metric: {detail}"
    else:
        inner = f"failed to get external metric {name}: {detail}"
    return MetricError("FailedGetExternalMetric", detail, f"failed to get {name} external metric value: {inner}")


def _selector(selector: Mapping[str, Any]) -> str:
    """A LabelSelector as Go prints it."""
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    nothing = "MatchExpressions:[]LabelSelectorRequirement{}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},{nothing},}}"
