"""What users want of an application: operations, the shape of the day, bursts, crowds, tenants, promises."""

from __future__ import annotations

from pydantic import Field

from aiops.core.model import Value
from aiops.lab.apps.calling import Share


class Objective(Value):
    """What users are promised: the share of requests that succeed, and within how many seconds."""

    availability: Share = 0.98
    latency_seconds: float = Field(1.0, gt=0)


class Operation(Value):
    """Something that users do: a request to the gateway, and its share of all requests.

    `host` and `objective` are the application's where none is given; `entry` is the workload behind its path."""

    name: str
    method: str
    path: str
    share: Share
    host: str = ""
    entry: str = ""
    objective: Objective | None = None

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


class Day(Value):
    """The daily shape of the load: `rate * (1 + amplitude * cos(hours from the peak))`; on Saturday and Sunday times
    `weekend`."""

    amplitude: Share = 0.0
    peak_hour: float = 15.0
    weekend: float = Field(1.0, ge=0)


class Bursts(Value):
    """Short peaks at random moments: `factor` times the load for about `seconds`."""

    per_day: float = Field(0.0, ge=0)
    factor: float = Field(2.0, ge=1)
    seconds: float = Field(60.0, gt=0)


class Crowds(Value):
    """Flash crowds at random moments: the load rises to `factor` times itself within `rise_seconds`, stays for
    `hold_seconds` and fades by half each `half_life_seconds`."""

    per_day: float = Field(0.0, ge=0)
    factor: float = Field(4.0, ge=1)
    rise_seconds: float = Field(60.0, gt=0)
    hold_seconds: float = Field(300.0, ge=0)
    half_life_seconds: float = Field(300.0, gt=0)


class Tenant(Value):
    """A customer with a share of the load, bursts of its own, and its own mix of operations (name -> share of its
    requests; empty: that of the application)."""

    name: str
    share: Share
    operations: dict[str, Share] = Field(default_factory=dict)
    bursts: Bursts = Bursts()
