"""Durations and amounts of bytes as texts."""

from __future__ import annotations

import re

_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0,
    "y": 31536000.0,
}  # fmt: skip
_BYTES = {
    "b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40, "pib": 2**50, "eib": 2**60,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12, "pb": 10**15, "eb": 10**18,
}  # fmt: skip
LONGEST = 2**63 / 1e9
"""Seconds."""

_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s?([kmgtpe]?i?b?)", re.IGNORECASE)


def seconds_of(text: str) -> float | None:
    """Seconds of `1h30m`, `250ms`, `-5s`; None where the text is no duration or too long for 64 bits of nanoseconds."""
    sign, body = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    parts = _PART.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body:
        return 0.0 if body == "0" else None
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    return sign * seconds if seconds < LONGEST else None


def bytes_of(text: str) -> float | None:
    """Bytes of `20KB`, `1.5MiB`, `100b`; None where the text is no amount."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    unit = found[2].lower()
    unit = unit if unit.endswith("b") else f"{unit}b"
    return float(found[1]) * _BYTES[unit] if unit in _BYTES else None


def duration_text(seconds: float) -> str:
    """The shortest text of a duration that is read back as the same nanoseconds."""
    left = round(seconds * 1e9)
    if left == 0:
        return "0s"
    parts = []
    for unit, size in (("h", 3600 * 10**9), ("m", 60 * 10**9), ("s", 10**9), ("ms", 10**6), ("us", 10**3), ("ns", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
