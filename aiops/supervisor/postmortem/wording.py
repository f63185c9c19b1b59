"""Words that both forms of a post-mortem use."""

from __future__ import annotations

from aiops.supervisor.postmortem.facts import Facts

MINUTE, HOUR = 60, 3600


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 5 min`."""
    whole = round(seconds)
    if whole < 2 * MINUTE:
        return f"{whole} s"
    minutes = round(seconds / MINUTE)
    return f"{minutes} min" if minutes < 2 * MINUTE else f"{minutes // 60} h {minutes % 60} min"


def outcome_of(told: Facts) -> str:
    """How it ended, in words."""
    return told.incident.state.value.replace("_", " ")


def amount(value: float, unit: str) -> str:
    """A value with its unit, as short as it is read."""
    if unit == "ratio":
        return f"{value:.0%}" if abs(value) >= 0.1 or value == 0 else f"{value:.1%}"
    if unit == "s":
        return f"{value * 1000:.0f} ms" if abs(value) < 1 else f"{value:.1f} s"
    if unit == "bytes":
        return f"{value / 2**20:,.0f} MiB"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
