"""Blames whatever has the metric that moved most, as a dashboard's anomaly detector does."""

from __future__ import annotations

import re

import numpy as np

from aiops.bench.agents.registry import Claim, agent
from aiops.bench.agents.strategy import Strategy
from aiops.core.errors import RemoteError
from aiops.core.telemetry import FloatArray, Series

BEFORE = 1200.0
"""Seconds before the last minutes from which it is known how a metric usually is."""

LATELY = 120.0
"""Seconds that are compared with them."""

STEP = 15.0
SURE = 6.0
"""Standard deviations from which on a metric counts as moved: among hundreds of series some are always at four."""

LEAST = 0.02
"""The least standard deviation, as a share of the mean: what hardly ever moves is no surprise when it does."""

MOST = 1e6

OVER = "[1m]"
REQUESTS = "http_server_request_duration_seconds"
METRICS = {
    "errors": f'sum by (namespace, service) (rate({REQUESTS}_count{{http_response_status_code=~"5.."}}{OVER}))',
    "requests": f"sum by (namespace, service) (rate({REQUESTS}_count{OVER}))",
    "latency": f"sum by (namespace, service) (rate({REQUESTS}_sum{OVER}))"
    f" / sum by (namespace, service) (rate({REQUESTS}_count{OVER}))",
    "cpu": f'sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{{container!=""}}{OVER}))',
    "memory": 'sum by (namespace, pod) (container_memory_working_set_bytes{container!=""})',
    "restarts": "sum by (namespace, pod) (kube_pod_container_status_restarts_total)",
}

_HASHES = re.compile(r"-[a-z0-9]{6,10}-[a-z0-9]{5}$|-\d+$")
"""What a Deployment and a StatefulSet put behind their name in that of a pod."""


@agent("single-metric")
class SingleMetric(Strategy):
    """Names the workload of the metric with the largest z-score, says nothing of the mechanism, and changes nothing."""

    async def act(self) -> None:
        most, subject, metric = 0.0, "", ""
        for name, promql in METRICS.items():
            for series in await self._read(promql):
                surprise = abs(z_score(series, self.room.clock.now() - LATELY))
                if surprise > most:
                    most, subject, metric = surprise, workload_of(series.labels), name
        if most < SURE:
            self.said = Claim(fault=False, state="no metric moved")
            return
        self.said = Claim(fault=True, subject=subject, state=f"{metric} is {most:.0f} standard deviations off")

    async def _read(self, promql: str) -> list[Series]:
        now = self.room.clock.now()
        try:
            found = await self.room.access.metrics.query_range(promql, now - LATELY - BEFORE, now, STEP)
        except RemoteError:
            return []  # no figures, no alarm
        return [series for series in found if series.labels.get("namespace") in self.room.namespaces]


def z_score(series: Series, since: float) -> float:
    """How far the mean of what came after `since` (unix seconds) is above what was before, in standard deviations; 0
    where one of them is missing."""
    before, after = _finite(series.values[series.times <= since]), _finite(series.values[series.times > since])
    if len(before) < 2 or not len(after):
        return 0.0
    mean = float(before.mean())
    spread = max(float(before.std()), LEAST * abs(mean), 1e-9)
    return max(-MOST, min((float(after.mean()) - mean) / spread, MOST))


def _finite(values: FloatArray) -> FloatArray:
    found: FloatArray = values[np.isfinite(values)]
    return found


def workload_of(labels: dict[str, str]) -> str:
    """What a series is most likely of: a Service is called like its Deployment, a pod begins with its name."""
    name = labels.get("service") or _HASHES.sub("", labels.get("pod", ""))
    return f"Deployment/{labels['namespace']}/{name}"
