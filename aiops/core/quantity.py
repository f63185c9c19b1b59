"""Kubernetes' resource quantities: `100m`, `128Mi`, `1.5`, `2e3`."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from aiops.core.errors import InvalidInputError
from aiops.core.text import cut

_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "P": Decimal(10**15),
    "E": Decimal(10**18),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
    "Pi": Decimal(2**50),
    "Ei": Decimal(2**60),
}
_SHAPE = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)", re.ASCII)

LONGEST = 64
"""Characters; the largest quantity that means anything has twenty."""


def parse_quantity(text: str | int | float) -> float:
    """The value in its base unit: bytes, cores or a count. Raises `InvalidInputError` where it is none."""
    written = str(text)
    value = _value(written) if len(written) <= LONGEST else None
    if value is None:
        raise InvalidInputError(f"not a quantity: {cut(repr(text), LONGEST)}")
    return value


@lru_cache(maxsize=4096)
def _value(written: str) -> float | None:
    """None where a text is no quantity. A cluster writes the same few again and again."""
    match = _SHAPE.fullmatch(written)
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    return float(Decimal(number + (exponent or "")) * _FACTORS[suffix or ""])


MEBIBYTE = 1024 * 1024


def memory(size: float) -> str:
    """Bytes as whole mebibytes, rounded up."""
    return f"{-(-int(size) // MEBIBYTE)}Mi"


def cpu(cores: float) -> str:
    """Cores as whole millicores, at least one."""
    return f"{max(round(cores * 1000), 1)}m"
