"""Quantities as the API server reads and writes them: `1000m` becomes `1`, `0.5Gi` becomes `512Mi`.

As apimachinery's `ParseQuantity` and `CanonicalizeBytes` do it: a short amount that is in its plainest form already
stays as it was written; others get the largest suffix of their family that leaves no fraction.
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal
from functools import lru_cache

WRONG_FORMAT = r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
WRONG_SUFFIX = "unable to parse quantity's suffix"

_SHAPE = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII)
_EXPONENT = re.compile(r"[eE]([-+]?[0-9]{1,3})", re.ASCII)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES = {power: name for name, power in _DECIMAL.items()}
_BINARY_NAMES = {power: name for name, power in _BINARY.items()}
_EXACT = Context(prec=200)
_NANO = Decimal("1e-9")
_LONGEST = 100
_DIGITS = 18
_MOST = 2**63 - 1


class WrongQuantityError(ValueError):
    """A text that is no quantity; its message is the server's."""


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The quantity as the server writes it. Raises WrongQuantityError."""
    match = _SHAPE.fullmatch(text) if text and len(text) <= _LONGEST else None
    if match is None:
        raise WrongQuantityError(WRONG_FORMAT)
    sign, whole, fraction, suffix = match[1], match[2] or "0", match[3] or "", match[4]
    number = Decimal(f"{sign}{whole}.{fraction}0")
    if suffix in _BINARY:
        return _binary(text, number, whole, fraction, _BINARY[suffix])
    exponent = _EXPONENT.fullmatch(suffix)
    if suffix not in _DECIMAL and exponent is None:
        raise WrongQuantityError(WRONG_SUFFIX)
    power = int(exponent[1]) if exponent and suffix not in _DECIMAL else _DECIMAL[suffix]
    digits, scale = whole + fraction, power - len(fraction)
    if len(digits) <= _DIGITS and scale >= -9 and scale % 3 == 0 and _plain(digits):
        return text
    return _decimal(_rounded(number.scaleb(power, _EXACT)), exponential=suffix not in _DECIMAL)


def _plain(digits: str) -> bool:
    return not digits.endswith("000") and not digits.startswith("0")


def _binary(text: str, number: Decimal, whole: str, fraction: str, power: int) -> str:
    short = 15 - len(whole) - int(power * 3 / 10) - 1 >= 0
    if short and not fraction and int(whole) & 7:
        return text
    value = _rounded(_EXACT.multiply(number, Decimal(2**power)))
    value = min(max(value, Decimal(-_MOST)), Decimal(_MOST))
    if abs(value) < 1024 or value != value.to_integral_value():
        return _decimal(value, exponential=False)
    left, used = int(value), 0
    while used < 60 and left % 1024 == 0:
        left, used = left // 1024, used + 10
    return f"{left}{_BINARY_NAMES.get(used, '')}"


def _rounded(value: Decimal) -> Decimal:
    """Without anything below a nano; what is not zero stays so."""
    return value.quantize(_NANO, ROUND_UP, _EXACT)


def _decimal(value: Decimal, *, exponential: bool) -> str:
    if not value:
        return "0"
    power = 18
    while power > -9 and (scaled := value.scaleb(-power, _EXACT)) != scaled.to_integral_value():
        power -= 3
    mantissa = int(value.scaleb(-power, _EXACT))
    if exponential:
        return f"{mantissa}e{power}" if power else str(mantissa)
    return f"{mantissa}{_DECIMAL_NAMES[power]}"
