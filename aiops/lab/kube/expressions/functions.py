"""What Kubernetes adds to the language: functions of lists, texts, quantities and addresses.

See "Kubernetes CEL libraries" in its documentation. `find` and `findAll` are left out, as Python's patterns can take
for ever on a wicked text; `matches` is the language's own. A quantity travels as its text in a map of one key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from aiops.lab.kube.admission.quantities import quantity
from aiops.lab.kube.schema.amounts import canonical

_QUANTITY = "quantity"
LONGEST_TEXT = 2**20
"""Characters of a text that a function makes."""


def _quantity(text: str) -> dict[str, str]:
    canonical(text)
    return {_QUANTITY: text}


def _amount(value: dict[str, str]) -> Decimal:
    return quantity(value[_QUANTITY]).value


def _compare(left: dict[str, str], right: dict[str, str]) -> int:
    return (_amount(left) > _amount(right)) - (_amount(left) < _amount(right))


def _passes(check: Callable[[str], Any]) -> Callable[[str], bool]:
    """A predicate: does the check accept a text?"""

    def accepted(text: str) -> bool:
        with suppress(ValueError):
            check(text)
            return True
        return False

    return accepted


def _absolute(text: str) -> None:
    parts = urlsplit(text)
    if not (parts.scheme and parts.netloc) and not text.startswith("/"):
        raise ValueError(text)


def _address_in(network: str, address: str) -> bool:
    return ip_address(address) in ip_network(network)


def _index(values: Any, wanted: Any) -> int:
    if isinstance(values, str):
        return values.find(wanted)
    return values.index(wanted) if wanted in values else -1


def _last_index(values: Any, wanted: Any) -> int:
    if isinstance(values, str):
        return values.rfind(wanted)
    return len(values) - 1 - values[::-1].index(wanted) if wanted in values else -1


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    if most == 0:
        return []
    if not separator:
        return list(text)
    return text.split(separator, most - 1 if most > 0 else -1)


def _replace(text: str, old: str, new: str, most: int = -1) -> str:
    count = text.count(old) if most < 0 else min(text.count(old), most)
    _check_length(len(text) + count * (len(new) - len(old)))
    return text.replace(old, new, most)


def _join(values: list[str], separator: str = "") -> str:
    _check_length(sum(len(value) + len(separator) for value in values))
    return separator.join(values)


def _check_length(length: int) -> None:
    if length > LONGEST_TEXT:
        raise ValueError("operation cancelled: actual cost limit exceeded")


def _format(template: str, values: list[Any]) -> str:
    """`%s`, `%d` and the like; a value of a clause is written as the language writes it."""
    words = iter(values)
    made = re.sub(r"%(%|(?:\.\d{1,3})?[sdfexXob])", lambda match: _clause(match[1], words), template)
    _check_length(len(made))
    return made


def _clause(kind: str, words: Any) -> str:
    if kind == "%":
        return "%"
    value = next(words)
    if kind in ("s", "d"):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return f"{value:{kind}}"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    # lists
    "isSorted": lambda values: all(a <= b for a, b in pairwise(values)),
    "sum": sum,
    "min": min,
    "max": max,
    "indexOf": _index,
    "lastIndexOf": _last_index,
    # texts
    "charAt": lambda text, place: text[place : place + 1],
    "join": _join,
    "lowerAscii": str.lower,
    "upperAscii": str.upper,
    "replace": _replace,
    "split": _split,
    "trim": str.strip,
    "format": _format,
    # quantities
    "quantity": _quantity,
    "isQuantity": _passes(canonical),
    "compareTo": _compare,
    "isGreaterThan": lambda left, right: _compare(left, right) > 0,
    "isLessThan": lambda left, right: _compare(left, right) < 0,
    "asInteger": lambda value: int(_amount(value)),
    "asApproximateFloat": lambda value: float(_amount(value)),
    "sign": lambda value: _compare(value, {_QUANTITY: "0"}),
    # addresses
    "isURL": _passes(_absolute),
    "isIP": _passes(ip_address),
    "isCIDR": _passes(ip_network),
    "cidr": str,
    "ip": str,
    "containsIP": _address_in,
}
"""By name; what is called as a method has its object first."""
