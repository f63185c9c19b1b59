"""HorizontalPodAutoscalers: what they scale, what they say, and how far their figures are from their targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.placing.asking import amount
from aiops.core.entity import Entity, Manifest

KIND = "HorizontalPodAutoscaler"


@dataclass(frozen=True, slots=True)
class Scaler:
    """One autoscaler with the workload that it scales."""

    entity: Entity
    target: Entity
    spec: Manifest
    status: Manifest

    def condition(self, name: str) -> Manifest:
        """One of its conditions; empty where it has none of that type."""
        found = (c for c in self.status.get("conditions") or () if c["type"] == name)
        return next(found, {})


def scalers(state: ClusterState) -> Iterator[Scaler]:
    """All autoscalers that were read."""
    for item in state.of(KIND):
        entity, ref = Entity.of(item), item["spec"].get("scaleTargetRef") or {}
        target = Entity(kind=ref.get("kind", ""), namespace=entity.namespace, name=ref.get("name", ""))
        yield Scaler(entity, target, item["spec"], item.get("status") or {})


def figure_over_target(scaler: Scaler) -> float:
    """The largest of its figures in proportion to the target; 0 where it has none."""
    now = {_name(m): _values(m, "current") for m in scaler.status.get("currentMetrics") or ()}
    ratios = [
        now[_name(metric)][kind] / target
        for metric in scaler.spec.get("metrics") or ()
        for kind, target in _values(metric, "target").items()
        if target > 0 and kind in now.get(_name(metric), {})
    ]
    return max(ratios, default=0.0)


def _name(metric: Manifest) -> tuple[str, str]:
    part = _part(metric)
    return metric.get("type", ""), part.get("name") or (part.get("metric") or {}).get("name", "")


def _values(metric: Manifest, side: str) -> dict[str, float]:
    values = _part(metric).get(side) or {}
    return {kind: amount(value) for kind, value in values.items() if kind.startswith(("average", "value"))}


def _part(metric: Manifest) -> Manifest:
    """The part of a metric that is named for its type (`resource`, `pods`, `object`, `external`)."""
    name = metric.get("type") or ""
    found: Manifest = metric.get(name[:1].lower() + name[1:]) or {}
    return found
