"""kube-state-metrics of what keeps or limits the number of pods: autoscalers, budgets, quotas, limit ranges."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import conditions, counts, created

_PDB = {
    "current_healthy": "currentHealthy",
    "desired_healthy": "desiredHealthy",
    "pod_disruptions_allowed": "disruptionsAllowed",
    "expected_pods": "expectedPods",
    "observed_generation": "observedGeneration",
}
_HPA = "kube_horizontalpodautoscaler"
_LIMITS = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")


def autoscaler_metrics(autoscaler: Manifest) -> Iterator[Metric]:
    """`kube_horizontalpodautoscaler_*` of one autoscaler."""
    meta, spec, status = autoscaler["metadata"], autoscaler["spec"], autoscaler.get("status") or {}
    labels = {"namespace": meta["namespace"], "horizontalpodautoscaler": meta["name"]}
    target = spec["scaleTargetRef"]
    shown = {"scaletargetref_kind": target["kind"], "scaletargetref_name": target["name"]}
    version = {"scaletargetref_api_version": target.get("apiVersion", "")}
    yield f"{_HPA}_info", {**labels, **version, **shown}, 1.0
    yield f"{_HPA}_metadata_generation", labels, float(meta.get("generation", 1))
    yield f"{_HPA}_spec_max_replicas", labels, float(spec["maxReplicas"])
    yield f"{_HPA}_spec_min_replicas", labels, float(spec.get("minReplicas") or 1)
    yield f"{_HPA}_status_current_replicas", labels, float(status.get("currentReplicas") or 0)
    yield f"{_HPA}_status_desired_replicas", labels, float(status.get("desiredReplicas") or 0)
    yield from conditions(f"{_HPA}_status_condition", labels, status)
    for wanted in spec.get("metrics") or ():
        yield from _targets(f"{_HPA}_spec_target_metric", labels, wanted, "target")
    for measured in status.get("currentMetrics") or ():
        yield from _targets(f"{_HPA}_status_target_metric", labels, measured, "current")


def _targets(name: str, labels: dict[str, str], metric: Manifest, field: str) -> Iterator[Metric]:
    found = metric.get(metric.get("type", "").lower()) or {}
    amounts = found.get(field) or {}
    shown = {**labels, "metric_name": found.get("name", "")}
    for key, kind in (("averageUtilization", "utilization"), ("averageValue", "average"), ("value", "value")):
        if amounts.get(key) is not None:
            yield name, {**shown, "metric_target_type": kind}, parse_quantity(str(amounts[key]))


def budget_metrics(budget: Manifest) -> Iterator[Metric]:
    """`kube_poddisruptionbudget_*` of one budget."""
    meta = budget["metadata"]
    labels = {"namespace": meta["namespace"], "poddisruptionbudget": meta["name"]}
    yield from created("poddisruptionbudget", labels, budget)
    yield from counts("kube_poddisruptionbudget_status", labels, _PDB, budget.get("status") or {})


def quota_metrics(quota: Manifest) -> Iterator[Metric]:
    """`kube_resourcequota` of one quota: what it allows and what is used."""
    meta, status = quota["metadata"], quota.get("status") or {}
    labels = {"namespace": meta["namespace"], "resourcequota": meta["name"]}
    yield from created("resourcequota", labels, quota)
    for kind in ("hard", "used"):
        for resource, amount in (status.get(kind) or {}).items():
            yield "kube_resourcequota", {**labels, "resource": resource, "type": kind}, parse_quantity(amount)


def limit_range_metrics(limits: Manifest) -> Iterator[Metric]:
    """`kube_limitrange` of one limit range."""
    meta = limits["metadata"]
    labels = {"namespace": meta["namespace"], "limitrange": meta["name"]}
    yield from created("limitrange", labels, limits)
    for limit in (limits.get("spec") or {}).get("limits") or ():
        for constraint in _LIMITS:
            for resource, amount in (limit.get(constraint) or {}).items():
                shown = {"resource": resource, "type": limit["type"], "constraint": constraint}
                yield "kube_limitrange", {**labels, **shown}, parse_quantity(amount)
