"""Quantities as they are written down: every client reads the same text for the same amount."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import Any

_SHAPE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)", re.ASCII)
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_DECIMAL_POWER = {suffix: power for power, suffix in _DECIMAL.items()}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_NANO = Decimal("1e-9")
_MILLI = Decimal("0.001")
LONGEST = 64


@lru_cache(maxsize=4096)
def canonical(text: str | int | float, *, milli: bool = False) -> str:
    """The amount with the largest suffix that leaves an integer, in its own family of suffixes (`Quantity.String`).

    `milli`: rounded up to thousandths, as lists of resources are. What is no quantity comes back as it is.
    """
    written = str(text).strip()
    match = _SHAPE.fullmatch(written) if len(written) <= LONGEST else None
    if match is None:
        return written
    number, exponent, suffix = match.groups()
    value = Decimal(number)
    binary = bool(suffix) and suffix.endswith("i")
    if binary:
        value *= Decimal(1024) ** _BINARY.index(suffix)
    else:
        value = value.scaleb(int(exponent[1:]) if exponent else _DECIMAL_POWER[suffix or ""])
    value = value.quantize(_MILLI, ROUND_CEILING) if milli else _rounded(value)
    if not value:
        return "0"
    if binary and abs(value) >= 1024 and value == value.to_integral_value():
        return _binary(int(value))
    return _decimal(value, with_exponent=bool(exponent))


def _rounded(value: Decimal) -> Decimal:
    exact = value.normalize()
    return exact if int(exact.as_tuple().exponent) >= -9 else exact.quantize(_NANO, ROUND_CEILING)


def _binary(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < len(_BINARY) - 1:
        value //= 1024
        power += 1
    return f"{value}{_BINARY[power]}"


def _decimal(value: Decimal, *, with_exponent: bool) -> str:
    sign, digits, exponent = value.normalize().as_tuple()
    power = int(exponent)
    mantissa = int("".join(map(str, digits)))
    while power % 3 or power > 18:
        mantissa *= 10
        power -= 1
    shown = f"-{mantissa}" if sign else str(mantissa)
    if with_exponent:
        return f"{shown}e{power}" if power else shown
    return f"{shown}{_DECIMAL[power]}"


def canonical_list(amounts: dict[str, Any] | None) -> None:
    """A ResourceList in place."""
    for name, text in (amounts or {}).items():
        amounts[name] = canonical(text, milli=True)  # type: ignore[index]


def canonical_field(spec: dict[str, Any] | None, field: str) -> None:
    """One quantity in place, where it is there."""
    if spec and spec.get(field) is not None:
        spec[field] = canonical(spec[field])
