"""The service level that users get, read from Prometheus by the command itself: an oracle outside the assistant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from aiops.cli.rig import LabAddress
from aiops.clients.prometheus import PrometheusClient

WINDOW = "2m"
OBJECTIVE = 0.98
"""The share of good answers that users of the lab's applications are promised."""


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """`availability`: share of answers that are not 5xx; `p99_seconds`: their latency; over the last two minutes."""

    availability: float
    p99_seconds: float
    requests_per_second: float
    met: bool

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "objective": OBJECTIVE, "window": WINDOW}

    def sentence(self) -> str:
        verdict = "met" if self.met else "missed"
        return (
            f"users now: {self.availability:.2%} good answers of {self.requests_per_second:.0f}/s, "
            f"p99 {self.p99_seconds * 1000:.0f} ms; objective {OBJECTIVE:.0%}: {verdict}"
        )


async def measure(lab: LabAddress, moment: float) -> ServiceLevel:
    """Query the gateway's metrics as they are at `moment` (unix seconds)."""
    prometheus = PrometheusClient.at(lab.addresses["prometheus"])
    scope = f'namespace="{lab.namespace}"'
    requests = f"sum(rate(nginx_ingress_controller_requests{{{scope}}}[{WINDOW}]))"
    failed = f'sum(rate(nginx_ingress_controller_requests{{{scope},status=~"5.."}}[{WINDOW}]))'
    buckets = f"sum by (le) (rate(nginx_ingress_controller_request_duration_seconds_bucket{{{scope}}}[{WINDOW}]))"

    async def value(expression: str) -> float:
        found = await prometheus.query(expression, moment)
        return float(found[0].values[-1]) if found else 0.0

    rate = await value(requests)
    availability = 1 - await value(failed) / rate if rate else 0.0
    p99 = await value(f"histogram_quantile(0.99, {buckets})")
    await prometheus.close()
    return ServiceLevel(availability, p99, rate, met=availability >= OBJECTIVE)
