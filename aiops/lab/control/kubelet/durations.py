"""Durations as Go writes them, which is how they stand in the kubelet's messages."""

from __future__ import annotations


def go_duration(seconds: float) -> str:
    """Down to milliseconds: `40s`, `2m40s`, `1.25s`, `812ms`."""
    whole = int(seconds * 1000)
    if 0 < whole < 1000:
        return f"{whole}ms"
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
