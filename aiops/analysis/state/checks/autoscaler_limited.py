"""An autoscaler that would ask for more replicas than it may, or sooner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.analysis.state.autoscalers import Scaler, figure_over_target, scalers
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import Finding, check
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

SLOW = 60.0
"""Seconds between two steps of an autoscaler from which it follows no rise in load."""

LIMITED, HELD, LOADED = 0.6, 0.85, 0.3


@check("autoscaler-limited")
def autoscaler_limited(state: ClusterState) -> Iterator[Finding]:
    """Autoscalers that say that they want more than their `maxReplicas`, and those whose own behaviour keeps them from
    asking for more while their figure is above its target."""
    for scaler in scalers(state):
        limited = scaler.condition("ScalingLimited")
        if limited.get("status") == "True" and limited.get("reason") == "TooManyReplicas":
            most = scaler.spec.get("maxReplicas")
            summary = f"{scaler.entity} would ask for more replicas of {scaler.target} than its {most}."
            yield _finding(scaler, limited, summary, "spec.maxReplicas", LIMITED)
            continue
        rule = holding(scaler.spec.get("behavior"))
        if rule and figure_over_target(scaler) > 1:
            summary = f"{scaler.entity} is kept from asking for more replicas of {scaler.target}."
            yield _finding(scaler, limited, summary, rule, HELD)


def _finding(scaler: Scaler, condition: dict[str, Any], summary: str, field: str, strength: float) -> Finding:
    figure = figure_over_target(scaler)
    return Finding(
        subject=scaler.target,
        seen_in=scaler.entity,
        summary=summary,
        observed=f"{condition.get('message', '')}; {figure:.1f} times its target" if figure else condition["message"],
        score=0.4,
        since=moment(condition.get("lastTransitionTime")),
        suggests=(
            Hypothesis(subject=scaler.entity, mechanism=Mechanism.SCALING_BOUNDS, strength=strength, field=field),
            Hypothesis(subject=scaler.target, mechanism=Mechanism.LOAD_INCREASE, strength=LOADED),
        ),
    )


def holding(behavior: dict[str, Any] | None) -> str:
    """The part of an autoscaler's behaviour that forbids it to grow in time; empty where none does."""
    up = (behavior or {}).get("scaleUp") or {}
    if up.get("selectPolicy") == "Disabled":
        return "spec.behavior.scaleUp.selectPolicy"
    if (up.get("stabilizationWindowSeconds") or 0) > SLOW:
        return "spec.behavior.scaleUp.stabilizationWindowSeconds"
    policies = up.get("policies") or ()
    slow = [p for p in policies if p.get("type") == "Pods" and p["value"] <= 1 and p["periodSeconds"] > SLOW]
    return "spec.behavior.scaleUp.policies" if policies and len(slow) == len(policies) else ""
