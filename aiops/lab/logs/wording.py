"""Puts a line together: the template's names are looked up, those that nobody gave are made from the line's key.

Equal keys give equal values, so a line reads the same each time, and lines of one request agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from aiops.lab.logs.clocks import CLOCKS

_MASK = 2**64 - 1
_MIX_1, _MIX_2, _STEP = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15


def mixed(key: int, salt: int = 0) -> int:
    """64 bits that look random, from a key. Method: Steele, Lea and Flood, "Fast splittable pseudorandom number
    generators" (OOPSLA 2014), its finaliser."""
    z = (key + (salt + 1) * _STEP) & _MASK
    z = ((z ^ (z >> 30)) * _MIX_1) & _MASK
    z = ((z ^ (z >> 27)) * _MIX_2) & _MASK
    return z ^ (z >> 31)


def trace_id(key: int) -> str:
    """The trace that a request with this key belongs to: 32 hexadecimal digits."""
    return f"{mixed(key, 1):016x}{mixed(key, 2):016x}"


def request_id(key: int) -> str:
    """The number under which the gateway knows a request: 32 hexadecimal digits."""
    return f"{mixed(key, 3):016x}{mixed(key, 4):016x}"


def line(
    template: str, given: Mapping[str, Any], moment: float, key: int, seconds: float = 0.0, status: int = 0
) -> str:
    """The text of a statement that was reached at `moment`; `seconds` and `status` are those of the request."""
    return template.format_map(_Values(given, moment, key, seconds, status))


def _number(low: int, high: int) -> Callable[[int], int]:
    return lambda bits: low + bits % (high - low + 1)


_BITS: dict[str, Callable[[int], Any]] = {
    "thread": _number(1, 10),
    "connection": _number(40, 9000),
    "few": _number(1, 9),
    "some": _number(10, 90),
    "many": _number(200, 9000),
    "lots": _number(20_000, 900_000),
    "percent": _number(1, 40),
    "megabytes": _number(24, 180),
    "bytes": _number(180, 9000),
    "pause": lambda bits: 0.4 + bits % 9000 / 1000,
    "brief": lambda bits: 0.2 + bits % 400 / 100,
    "ephemeral": _number(32768, 60999),
    "client": lambda bits: f"203.0.113.{1 + bits % 254}",
    "neighbour": lambda bits: f"10.244.{bits % 4}.{2 + bits // 7 % 240}",
    "hex": lambda bits: f"{bits % 2**32:08x}",
    "uuid": lambda bits: (
        f"{bits % 2**32:08x}-{bits >> 32 & 0xFFFF:04x}-4{bits >> 48 & 0xFFF:03x}-8{bits & 0xFFF:03x}-"
        f"{mixed(bits) % 2**48:012x}"
    ),
}
"""Names whose value is drawn: from 64 bits that differ from name to name."""


class _Values(dict[str, Any]):
    """The given values, with the rest made when the template asks for them."""

    def __init__(self, given: Mapping[str, Any], moment: float, key: int, seconds: float, status: int) -> None:
        super().__init__(given)
        self._moment, self._key, self._seconds, self._status = moment, key, seconds, status

    def __missing__(self, name: str) -> Any:
        if name in CLOCKS:
            return CLOCKS[name](self._moment)
        if name in _BITS:
            return _BITS[name](mixed(self._key, crc32(name.encode())))
        return self._of_request(name)

    def _of_request(self, name: str) -> Any:
        match name:
            case "status":
                return self._status
            case "ms":
                return self._seconds * 1000
            case "duration":
                return self._seconds
            case "micros":
                return round(self._seconds * 1e6)
            case "trace":
                return trace_id(self._key)
            case "span":
                return f"{mixed(self._key, 5):016x}"
            case "request":
                return request_id(self._key)
        raise KeyError(name)
