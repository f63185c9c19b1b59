"""Numbers as Prometheus writes them."""

from __future__ import annotations

import math
from decimal import Decimal


def format_float(value: float) -> str:
    """The shortest decimal text that reads back as `value`: `1`, `0.25`, `+Inf`, `NaN`; no exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    if "e" in text:
        return format(Decimal(text), "f")
    return text.removesuffix(".0")
