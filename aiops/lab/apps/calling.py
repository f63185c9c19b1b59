"""What an application's programs call, and how they protect themselves: retries, budgets, breakers, pools.

Times in seconds. Every protection is off where it is not written down.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.model import Value

Share = Annotated[float, Field(ge=0, le=1)]


class Backoff(Value):
    """The pauses before retries: `base * factor ** (n - 1)`, at most `longest`; `jitter` is the share of a pause that
    is drawn at random (1: full jitter)."""

    base_seconds: float = Field(0.1, ge=0)
    factor: float = Field(2.0, ge=1)
    longest_seconds: float = Field(10.0, gt=0)
    jitter: Share = 1.0


class RetryBudget(Value):
    """How many retries a process may send: `ratio` of its first attempts, and `per_second` always. What is left over is
    kept for `window_seconds`. As Finagle's and Linkerd's retry budgets."""

    ratio: float = Field(0.2, ge=0)
    per_second: float = Field(1.0, ge=0)
    window_seconds: float = Field(10.0, gt=0)


class CircuitBreaker(Value):
    """Opens for `open_seconds` where at least `failure_ratio` of `least_requests` or more requests failed, or where
    `consecutive` (not 0) failed one after the other; after that `probes` requests decide whether it closes."""

    failure_ratio: Share = 0.5
    least_requests: int = Field(20, gt=0)
    consecutive: int = Field(0, ge=0)
    open_seconds: float = Field(30.0, gt=0)
    probes: int = Field(5, gt=0)


class Pool(Value):
    """Connections of one process to one destination. Who gets none within `wait_timeout` fails; `idle` stay open."""

    size: int = Field(gt=0)
    wait_timeout: float = Field(1.0, gt=0)
    idle: int = Field(2, ge=0)


class Call(Value):
    """A request that a route makes to what the environment variable `to` names (`host:port`).

    `probability` is the share of requests that need it; with `cache` (a cache of the program) only the misses do.
    `retries` come after the first attempt. A failed `optional` call does not fail the route. With `topic` it publishes
    a message at a broker. `connect_timeout` is `timeout` where none is given."""

    to: str
    route: str
    timeout: float = Field(1.0, gt=0)
    connect_timeout: float | None = Field(None, gt=0)
    retries: int = Field(0, ge=0, le=3)
    backoff: Backoff | None = None
    budget: RetryBudget | None = None
    breaker: CircuitBreaker | None = None
    probability: Share = 1.0
    cache: str = ""
    optional: bool = False
    topic: str = ""
