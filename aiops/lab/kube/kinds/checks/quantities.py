"""Quantities of objects in the form in which the API server keeps them, whoever wrote them."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any

from aiops.lab.kube.schema.amounts import WrongQuantityError, canonical

_BELOW_MILLI = {"n": Decimal("1e-6"), "u": Decimal("1e-3"), "e-9": Decimal("1e-6"), "e-6": Decimal("1e-3")}
"""In thousandths."""


def plain(text: str | int | float) -> str:
    """The quantity as the server writes it; what is no quantity comes back as it is, for the checks to tell."""
    written = str(text).strip()
    try:
        return canonical(written)
    except WrongQuantityError:
        return written


def plain_list(amounts: dict[str, Any] | None) -> None:
    """A ResourceList in place: its quantities are rounded up to thousandths."""
    for name, text in (amounts or {}).items():
        amounts[name] = _whole_milli(plain(text))  # type: ignore[index]


def plain_field(spec: dict[str, Any] | None, field: str) -> None:
    """One quantity in place, where it is there."""
    if spec and spec.get(field) is not None:
        spec[field] = plain(spec[field])


def _whole_milli(text: str) -> str:
    """A plain quantity rounded up to thousandths, in its own family of suffixes."""
    number, mark, power = text.partition("e-")
    suffix = f"{mark}{power}" or text[-1:]
    unit = _BELOW_MILLI.get(suffix)
    if unit is None:
        return text
    amount = (Decimal(number if mark else text[:-1]) * unit).to_integral_value(ROUND_CEILING)
    return plain(f"{amount}e-3" if mark else f"{amount}m")
