"""Rate, errors, latency and saturation of every service, now and before."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.tools.arguments import Limit, Namespace
from aiops.tools.context import Context
from aiops.tools.registry import tool
from aiops.tools.results import Result, TimeSeries
from aiops.tools.rights import rules
from aiops.tools.telemetry_arguments import BaselineArg, StepArg

SignalName = Literal[
    "rate",  # requests a second
    "error_ratio",  # share of requests that failed with a 5xx status, 0..1
    "p50",  # seconds
    "p99",  # seconds
    "cpu",  # cores in use
    "cpu_of_limit",  # 0..1
    "throttled",  # share of CPU periods in which a container was held back, 0..1
    "memory",  # working set in bytes
    "memory_of_limit",  # 0..1, of the fullest container
    "restarts",  # container restarts since the start of the series
]


class Signal(Value):
    """One signal of one entity: means over the window and over the baseline (None: no data), and the whole series.

    A share is weighted by what it is a share of; a quantile is the median of its points.
    """

    name: SignalName
    value: float | None
    baseline: float | None = None
    series: TimeSeries


class EntitySignals(Value):
    """The signals of a Service (traffic that it answered), an Ingress (traffic of users) or a workload (resources)."""

    entity: Entity
    signals: tuple[Signal, ...]

    def signal(self, name: SignalName) -> Signal | None:
        return next((signal for signal in self.signals if signal.name == name), None)


class GoldenSignals(Result):
    """Signals by entity. An entity or a signal that is not here has no data."""

    entities: tuple[EntitySignals, ...] = ()
    step: float
