"""Exact sums of quantities, written as Kubernetes' `resource.Quantity` writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount, and whether it is shown with binary suffixes (`Mi`)."""

    value: Decimal = Decimal(0)
    binary: bool = False

    def __add__(self, other: Quantity) -> Quantity:
        """The sum, in the notation of the first summand that is not zero."""
        return Quantity(self.value + other.value, self.binary if self.value else other.binary)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.value - other.value, self.binary if self.value else other.binary)

    def __str__(self) -> str:
        if not self.binary or abs(self.value) < 1024 or self.value != int(self.value):
            return _decimal(self.value)
        left, power = int(self.value), 0
        while power < len(_BINARY) and left % 1024 == 0:
            left, power = left // 1024, power + 1
        return f"{left}{['', *_BINARY][power]}"


def _decimal(value: Decimal) -> str:
    """With the largest suffix that leaves no fraction."""
    for suffix, power in reversed(_DECIMAL.items()):
        scaled = value.scaleb(-power)
        if value and scaled == int(scaled):
            return f"{int(scaled)}{suffix}"
    return "0"


ZERO = Quantity()
Amounts = dict[str, Quantity]
"""By resource name."""


@lru_cache(maxsize=8192)
def _read(text: str) -> Quantity:
    suffix = text.lstrip("+-0123456789.")
    number = Decimal(text.removesuffix(suffix) or "0")
    if suffix in _BINARY:
        return Quantity(number * 1024 ** _BINARY[suffix], True)
    if suffix in _DECIMAL:
        return Quantity(number.scaleb(_DECIMAL[suffix]))
    return Quantity(number.scaleb(int(suffix[1:])))


def quantity(value: Any) -> Quantity:
    """Read a valid quantity."""
    return _read(str(value))


def quantities(values: Mapping[str, Any] | None) -> Amounts:
    return {name: quantity(value) for name, value in (values or {}).items()}


def added(amounts: Iterable[Amounts]) -> Amounts:
    """The sums by name."""
    total: Amounts = {}
    for each in amounts:
        for name, amount in each.items():
            total[name] = total[name] + amount if name in total else amount
    return total


def largest(first: Amounts, second: Amounts) -> Amounts:
    """The larger amounts by name."""
    found = dict(first)
    for name, amount in second.items():
        if name not in found or amount.value > found[name].value:
            found[name] = amount
    return found


def shown(amounts: Mapping[str, Quantity]) -> dict[str, str]:
    return {name: str(amount) for name, amount in amounts.items()}
