"""Kubernetes quantities (`250m`, `128Mi`) as numbers, and back."""

from __future__ import annotations

import re

from aiops.core.errors import InvalidInputError

_SUFFIX = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    **{f"{prefix}i": 1024.0 ** (power + 1) for power, prefix in enumerate("KMGTPE")},
}
_QUANTITY = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]i?|Ki)?)$")

MEBIBYTE = 1024 * 1024


def parse(text: str | int | float) -> float:
    """A quantity in its base unit (bytes, cores). Raises `InvalidInputError`."""
    found = _QUANTITY.match(str(text).strip())
    if found is None or (found[3] or "") not in _SUFFIX:
        raise InvalidInputError(f"not a Kubernetes quantity: {text!r}")
    number = float(found[1] + (found[2] or ""))
    return number * _SUFFIX[found[3] or ""]


def memory(size: float) -> str:
    """Bytes as whole mebibytes, rounded up."""
    return f"{-(-int(size) // MEBIBYTE)}Mi"


def cpu(cores: float) -> str:
    """Cores as whole millicores, at least one."""
    return f"{max(round(cores * 1000), 1)}m"
