"""Puts a line together: the template's names are looked up, those that nobody gave are made from the line's key.

Equal keys give equal values, so a line reads the same each time, and lines of one request agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from string import Formatter
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
    return blake2b(key.to_bytes(8, "big"), digest_size=16, person=b"trace").hexdigest()


def request_id(key: int) -> str:
    """The number under which the gateway knows a request: 32 hexadecimal digits."""
    return blake2b(key.to_bytes(8, "big"), digest_size=16, person=b"request").hexdigest()


def line(
    template: str, given: Mapping[str, Any], moment: float, key: int, seconds: float = 0.0, status: int = 0
) -> str:
    """The text of a statement that was reached at `moment`; `seconds` and `status` are those of the request.

    Raises `KeyError` for a name that nobody gave and that cannot be made."""
    parts = []
    reached = (moment, key, seconds, status)
    for literal, name, spec, make in _parts(template):
        parts.append(literal)
        if not name:
            continue
        if name in given:
            value = given[name]
        elif make is not None:
            value = make(*reached)
        else:
            raise KeyError(name)
        parts.append(format(value, spec))
    return "".join(parts)


def quoting(template: str, answer: str) -> str:
    """A template whose `answer` is another one, escaped where the line is JSON."""
    return template.replace("{answer}", answer.replace('"', '\\"') if template.startswith("{{") else answer)


Maker = Callable[[float, int, float, int], Any]
"""Makes a value of (moment, key, seconds, status)."""


@lru_cache(8192)
def _parts(template: str) -> tuple[tuple[str, str, str, Maker | None], ...]:
    """(text before, name, format, how its value is made) of each field."""
    return tuple(
        (literal, name or "", spec or "", _maker(name) if name else None)
        for literal, name, spec, _ in Formatter().parse(template)
    )


def _maker(name: str) -> Maker | None:
    if name in CLOCKS:
        clock = CLOCKS[name]
        return lambda moment, _key, _seconds, _status: clock(moment)
    if name in _BITS:
        bits, salt = _BITS[name], crc32(name.encode())
        return lambda _moment, key, _seconds, _status: bits(mixed(key, salt))
    return _OF_REQUEST.get(name)


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

_OF_REQUEST: dict[str, Maker] = {
    "rising": lambda moment, _key, _seconds, _status: round(moment * 2) % 10_000_000,
    "status": lambda _moment, _key, _seconds, status: status,
    "ms": lambda _moment, _key, seconds, _status: seconds * 1000,
    "duration": lambda _moment, _key, seconds, _status: seconds,
    "micros": lambda _moment, _key, seconds, _status: round(seconds * 1e6),
    "trace": lambda _moment, key, _seconds, _status: trace_id(key),
    "request": lambda _moment, key, _seconds, _status: request_id(key),
}
