"""How many replicas a use calls for: the arithmetic of the controller's `ReplicaCalculator`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from aiops.core.entity import Manifest
from aiops.lab.control.scaling.samples import Groups, NoMetricsError, Sample, group, requests_of

Ratio = Callable[[dict[str, int]], tuple[float, int, int]]
"""Values by pod -> (use against its target, use in percent of the requests, average value)."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far from one the ratio may be before anything is done."""

    down: float = 0.1
    up: float = 0.1

    def covers(self, ratio: float) -> bool:
        return (1.0 - self.down) <= ratio <= (1.0 + self.up)


@dataclass(frozen=True, slots=True)
class Target:
    """What is measured against what: `utilisation` in percent of the requests, or else `average` in thousandths."""

    resource: str
    utilisation: int = 0
    average: int = 0
    container: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The replicas that a metric calls for, and what was measured."""

    replicas: int
    utilisation: int
    average: int


def propose(
    pods: list[Manifest], samples: dict[str, Sample], target: Target, current: int, tolerance: Tolerance, now: float
) -> Proposal:
    """As `GetResourceReplicas` and `calcPlainMetricReplicas`. Raises `NoMetricsError`."""
    if not pods:
        raise NoMetricsError("no pods returned by selector while calculating replica count")
    groups = group(pods, samples, target.resource, now)
    left = [*groups.ignored, *groups.unready]
    values = {name: sample.value for name, sample in samples.items() if name not in left}
    if not values:
        raise NoMetricsError("did not receive metrics for targeted pods (pods might be unready)")
    requests = requests_of(pods, target.resource, target.container) if target.utilisation else {}
    measure = _measure(target, requests)
    ratio, utilisation, average = measure(values)
    replicas = _replicas(groups, values, requests, target, measure, ratio, current, tolerance)
    return Proposal(replicas, utilisation, average)


def _measure(target: Target, requests: dict[str, int]) -> Ratio:
    def utilised(values: dict[str, int]) -> tuple[float, int, int]:
        known = {name: value for name, value in values.items() if name in requests}
        asked = sum(requests[name] for name in known)
        if not asked:
            raise NoMetricsError("no metrics returned matched known pods")
        percent = sum(known.values()) * 100 // asked
        return percent / target.utilisation, percent, sum(known.values()) // len(known)

    def averaged(values: dict[str, int]) -> tuple[float, int, int]:
        average = sum(values.values()) // len(values)
        return average / target.average, 0, average

    return utilised if target.utilisation else averaged


def _replicas(
    groups: Groups,
    values: dict[str, int],
    requests: dict[str, int],
    target: Target,
    measure: Ratio,
    ratio: float,
    current: int,
    tolerance: Tolerance,
) -> int:
    """Pods without a sample are taken to use what speaks against a change."""
    rising = bool(groups.unready) and ratio > 1.0
    if not rising and not groups.missing:
        return current if tolerance.covers(ratio) else ceil(ratio * groups.ready)
    assumed = dict(values)
    for name in groups.missing:
        if ratio < 1.0:
            full = requests.get(name, 0) * max(100, target.utilisation) // 100
            assumed[name] = full if target.utilisation else target.average
        elif ratio > 1.0:
            assumed[name] = 0
    if rising:
        assumed |= dict.fromkeys(groups.unready, 0)
    again = measure(assumed)[0]
    turned = (ratio < 1.0 < again) or (again < 1.0 < ratio)
    if tolerance.covers(again) or turned:
        return current
    wanted = ceil(again * len(assumed))
    against = (again < 1.0 and wanted > current) or (again > 1.0 and wanted < current)
    return current if against else wanted
