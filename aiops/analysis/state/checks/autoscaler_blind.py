"""An autoscaler that gets no figure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiops.analysis.state.autoscalers import Scaler, scalers
from aiops.analysis.state.cluster import ClusterState, containers, is_ready
from aiops.analysis.state.placing.asking import amount
from aiops.analysis.state.registry import Finding, check
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

_NO_REQUEST = re.compile(r"missing request for (?P<resource>\w+)(?: in container (?P<container>\S+))?")
NO_PODS = re.compile(r"did not receive metrics for (targeted|any ready) pods|no metrics returned from resource metrics")
"""Also said while no pod of the workload is ready, or metrics are not there for a moment."""

PATIENCE = 90.0
"""Seconds for which a figure may be missing as pods start or metrics are late."""

SURE, LIKELY = 0.9, 0.6


@check("autoscaler-blind")
def autoscaler_blind(state: ClusterState) -> Iterator[Finding]:
    """Autoscalers that say that they could not get their figure or the scale of their target."""
    for scaler in scalers(state):
        for name in ("ScalingActive", "AbleToScale"):
            condition = scaler.condition(name)
            if condition.get("status") != "False" or condition.get("reason") == "ScalingDisabled":
                continue
            since = moment(condition.get("lastTransitionTime"))
            if _has_cause(state, scaler, str(condition.get("message", "")), since):
                continue
            yield Finding(
                subject=scaler.target,
                seen_in=scaler.entity,
                summary=f"{scaler.entity} cannot tell how many replicas {scaler.target} needs.",
                observed=f"{condition.get('reason', '')}: {condition.get('message', '')}",
                score=0.7,
                since=since,
                suggests=tuple(_suspects(state, scaler, str(condition.get("message", "")))),
            )


def _has_cause(state: ClusterState, scaler: Scaler, message: str, since: float | None) -> bool:
    """Is it because its pods are not ready, or not for long yet? Then the figure comes back by itself."""
    if not NO_PODS.search(message):
        return False
    ready = any(is_ready(pod) for pod in state.pods_of(scaler.target))
    return not ready or since is None or state.now - since < PATIENCE


def _suspects(state: ClusterState, scaler: Scaler, message: str) -> Iterator[Hypothesis]:
    """The workload, where its containers do not ask for the resource; else the autoscaler's own metric or target."""
    found = _NO_REQUEST.search(message)
    workload = state.find(scaler.target.kind, scaler.target.namespace, scaler.target.name)
    if found is not None and workload is not None:
        resource = found["resource"]
        lacking = [c["name"] for c in containers(workload) if not _asks(c, resource)]
        name = found["container"] if found["container"] in lacking else next(iter(lacking), "")
        if name:
            field = f"spec.template.spec.containers[{name}].resources.requests.{resource}"
            yield Hypothesis(subject=scaler.target, mechanism=Mechanism.SCALING_METRIC, strength=SURE, field=field)
            return
    field = "spec.scaleTargetRef" if workload is None else "spec.metrics"
    strength = LIKELY if NO_PODS.search(message) else SURE
    yield Hypothesis(subject=scaler.entity, mechanism=Mechanism.SCALING_METRIC, strength=strength, field=field)


def _asks(container: dict[str, object], resource: str) -> bool:
    resources = container.get("resources")
    parts = resources if isinstance(resources, dict) else {}
    return any(amount((parts.get(part) or {}).get(resource)) > 0 for part in ("requests", "limits"))
