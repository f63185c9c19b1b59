"""How requests fail: with what, how many of them, on which routes and in which instances, and how that goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from aiops.bench.portrait.scene import Scene
from aiops.bench.portrait.signals import rose
from aiops.core.telemetry import FloatArray, Series

REQUESTS = "http_server_request_duration_seconds_count"
FAILED = '{http_response_status_code=~"5.."}'
KINDS = {
    "calls that end with {error_type}": "sum by (error_type) (rate(http_client_request_duration_seconds_count[1m]))",
    "answers of {http_response_status_code}": f"sum by (http_response_status_code) (rate({REQUESTS}[1m]))",
}
"""How requests fail, by the labels in the name."""

GROUPS = {"routes": "namespace, service, http_route", "instances": "namespace, service, pod"}

MORE = 0.02
"""By how much the share of failures must have grown to count."""

LATELY = 60.0
"""Seconds since when an instance that has no requests any more is gone."""

SETTLED = 90.0
"""Seconds after the onset from which on it is told how failures go on: until then they begin."""

FEW, MOST = 1 / 3, 0.9
GROWING, UNEVEN = 1.5, 0.35
"""The last third against the first one, and the standard deviation against the mean."""


async def failing(scene: Scene) -> set[str]:
    """The ways in which requests fail, and how many, where and when."""
    found = set()
    for told, promql in KINDS.items():
        grown = [series for series in await scene.series(promql) if rose(series, scene.onset)]
        found |= {f"more {told.format_map(defaultdict(str, series.labels))}" for series in grown}
    for what, labels in GROUPS.items():
        found |= await _where(scene, what, labels)
    return found | await _course(scene)


async def _where(scene: Scene, what: str, labels: str) -> set[str]:
    """On what share of the routes, or in what share of the instances, of what is at fault and of others."""
    failed = _sums(await scene.series(f"sum by ({labels}) (rate({REQUESTS}{FAILED}[1m]))"), scene.onset)
    asked = await scene.series(f"sum by ({labels}) (rate({REQUESTS}[1m]))")
    everything = _sums([each for each in asked if each.times[-1] > scene.now - LATELY], scene.onset)
    hit: dict[str, list[bool]] = defaultdict(list)
    for key, (before, after) in everything.items():
        name = dict(key).get("pod") or dict(key)["service"]
        ill_before, ill_after = failed.get(key, (0.0, 0.0))
        if after > 0:
            hit[scene.whose(name)].append(ill_after / after - (ill_before / before if before else 0.0) > MORE)
    return {f"{_amount(sum(each) / len(each))} {what} of {whose} fail" for whose, each in hit.items() if any(each)}


def _sums(series: Sequence[Series], onset: float) -> dict[frozenset[tuple[str, str]], tuple[float, float]]:
    """The sum of what was before the onset, and of what came after it, by labels."""
    return {
        frozenset(each.labels.items()): (_sum(each.values[each.times <= onset]), _sum(each.values[each.times > onset]))
        for each in series
    }


def _sum(values: FloatArray) -> float:
    return float(values[np.isfinite(values)].sum())


def _amount(share: float) -> str:
    return "few" if share < FEW else "some" if share < MOST else "all"


async def _course(scene: Scene) -> set[str]:
    """What share of the requests of what is at fault fails, and how all failures go on."""
    found = set()
    by_service = "sum by (namespace, service) (rate({}[1m]))"
    failed = _sums(await scene.series(by_service.format(REQUESTS + FAILED)), scene.onset)
    everything = _sums(await scene.series(by_service.format(REQUESTS)), scene.onset)
    its = [key for key in everything if scene.whose(dict(key)["service"]) == "its"]
    asked = sum(everything[key][1] for key in its)
    share = sum(failed.get(key, (0.0, 0.0))[1] for key in its) / asked if asked else 0.0
    if share > MORE:
        found.add(f"{'few' if share < FEW else 'some' if share < MOST else 'nearly all'} requests of its fail")
    for series in await scene.series(f"sum(rate({REQUESTS}{FAILED}[1m]))"):
        if rose(series, scene.onset):
            found.add(f"failures {_cadence(series.values[series.times > scene.onset + SETTLED])}")
    return found


def _cadence(values: FloatArray) -> str:
    third = max(len(values) // 3, 1)
    first, last = float(values[:third].mean()), float(values[-third:].mean())
    if last > GROWING * first:
        return "grow"
    if first > GROWING * last:
        return "go back"
    return "come and go" if float(values.std()) > UNEVEN * float(values.mean()) else "are steady"
