"""Which departures of which signal count as trouble, and what is left of those that have passed, as data."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.tools.kit.signal_sources import SignalName


@dataclass(frozen=True, slots=True)
class SignalRule:
    """`floor` is the smallest departure that matters, in the unit of the signal. `up` and `down` weigh a rise and a
    drop: users feel errors and latency; traffic and resource use move for good reasons as well."""

    name: SignalName
    floor: float
    up: float
    down: float
    unit: str


RULES = (
    SignalRule("error_ratio", 0.005, 1.0, 0.0, "of requests fail"),
    SignalRule("p99", 0.02, 0.9, 0.0, "s at the 99th percentile"),
    SignalRule("p50", 0.01, 0.9, 0.0, "s at the median"),
    SignalRule("rate", 0.5, 0.2, 0.5, "requests a second"),
    SignalRule("throttled", 0.1, 0.5, 0.0, "of CPU periods throttled"),
    SignalRule("cpu_of_limit", 0.1, 0.3, 0.1, "of the CPU limit"),
    SignalRule("cpu", 0.1, 0.2, 0.1, "cores"),
    SignalRule("memory_of_limit", 0.1, 0.2, 0.1, "of the memory limit"),
    SignalRule("memory", 64 * 1024 * 1024, 0.1, 0.1, "bytes of working set"),
)

NEWEST = 75.0
"""Seconds at the end of the window that tell whether a departure goes on: a rate's window and a scrape."""

PASSED = 0.3
"""What is left of a departure that has passed by itself."""

THROTTLED = 0.25
"""Share of throttled CPU periods from which the limit itself is suspected."""

MEMORY_FULL = 0.95
"""Share of the memory limit from which the next allocation may kill."""
