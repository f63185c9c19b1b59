"""Numbers as Prometheus writes them."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache


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


def format_sample(value: float) -> str:
    """As in the HTTP API: like `format_float`, but very small and very large numbers with an exponent."""
    return _sample(value) if value else format_float(value)  # 0 and -0 are one key of a cache, and two texts


@lru_cache(maxsize=65536)
def _sample(value: float) -> str:
    """Dashboards and verifications ask for the same moments again and again."""
    text = repr(value)
    if "e" not in text and "n" not in text:  # neither an exponent nor inf or nan: by far the most
        return text[:-2] if text.endswith(".0") else text
    if math.isfinite(value) and not 1e-6 <= abs(value) < 1e21:
        return text.replace(".0e", "e")
    return format_float(value)


def format_exposed(value: float) -> str:
    """As in the text format of exporters: with an exponent from a million on, and below a ten-thousandth."""
    return format_float(value) if value == 0 or 1e-4 <= abs(value) < 1e6 else format_scientific(value)


def format_scientific(value: float) -> str:
    """As in the list of alerts: `1e+00`, `2.5e-01`."""
    if not math.isfinite(value):
        return format_float(value)
    number = Decimal(repr(value)).normalize()
    mantissa, _, exponent = f"{number:.{len(number.as_tuple().digits) - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent):+03d}"
