"""The service level that users get, read from Prometheus by the command itself: an oracle outside the assistant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from aiops.cli.rig import LabAddress
from aiops.clients.prometheus import PrometheusClient

WINDOW = "2m"


@dataclass(frozen=True, slots=True)
class MeasuredLevel:
    """`availability`: share of answers that are not 5xx; `p99_seconds`: their latency; over the last two minutes.

    `objective` is the availability that users are promised."""

    availability: float
    p99_seconds: float
    requests_per_second: float
    objective: float

    @property
    def met(self) -> bool:
        """Whether users get what they were promised; where nobody was served, they do not."""
        return self.requests_per_second > 0 and self.availability >= self.objective

    def as_json(self) -> dict[str, Any]:
        """All figures, with the window over which they were taken."""
        return {**asdict(self), "met": self.met, "window": WINDOW}

    def sentence(self) -> str:
        """The figures in one line."""
        verdict = "met" if self.met else "missed"
        return (
            f"users now: {self.availability:.2%} good answers of {self.requests_per_second:.0f}/s, "
            f"p99 {self.p99_seconds * 1000:.0f} ms; objective {self.objective:.0%}: {verdict}"
        )


async def measure(lab: LabAddress, moment: float) -> MeasuredLevel:
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
    return MeasuredLevel(availability, p99, rate, lab.objective)
