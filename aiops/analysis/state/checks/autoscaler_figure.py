"""An autoscaler whose figure says that all is well while it stands at its least."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.autoscalers import Scaler, figure_over_target, scalers
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import Finding, check
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

HINT, ODD = 0.3, 0.5
"""How far an odd figure speaks for itself: a metric that is not the CPU's, and a target that is hard to reach."""

OUT_OF_REACH = 100
"""Percent of its request from which a pod with a limit near it may never get to the target."""


@check("autoscaler-figure")
def autoscaler_figure(state: ClusterState) -> Iterator[Finding]:
    """Autoscalers that see no need for more by figures other than the CPU's, or by targets that are hard to reach. That
    is a matter of taste until the workload suffers, so it weighs little by itself."""
    for scaler in scalers(state):
        strength = _oddity(scaler)
        if not strength or not 0 < figure_over_target(scaler) < 1:
            continue
        yield Finding(
            subject=scaler.target,
            seen_in=scaler.entity,
            summary=f"{scaler.entity} sees no need for more replicas of {scaler.target}.",
            observed=f"figure at {figure_over_target(scaler):.2f} of its target",
            score=0.0,
            suggests=(
                Hypothesis(
                    subject=scaler.entity, mechanism=Mechanism.SCALING_METRIC, strength=strength, field="spec.metrics"
                ),
            ),
        )


def _oddity(scaler: Scaler) -> float:
    """How odd its metrics are: each is of something else than the CPU, or has a target that is hard to reach."""
    metrics = scaler.spec.get("metrics") or ()
    resources = [metric.get("resource") or {} for metric in metrics]
    if metrics and all(resource.get("name") != "cpu" for resource in resources):
        return HINT
    targets = [(resource.get("target") or {}).get("averageUtilization") or 0 for resource in resources]
    return ODD if targets and min(targets) >= OUT_OF_REACH else 0.0
