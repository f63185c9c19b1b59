"""Numbers: counts, ports, percentages, quantities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.errors import InvalidInputError
from aiops.core.quantity import parse_quantity
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import NEGATIVE, invalid_value
from aiops.lab.kube.kinds.checks.formats import percent, port_name, port_number

POSITIVE = "must be greater than zero"


def not_negative(value: int | None, path: str) -> Iterator[Cause]:
    if value is not None and value < 0:
        yield invalid_value(path, value, NEGATIVE)


def count_field(spec: dict[str, Any], field: str, path: str) -> Iterator[Cause]:
    """A field that must not be negative where it is there."""
    yield from not_negative(spec.get(field), f"{path}.{field}")


def port(value: int, path: str) -> Iterator[Cause]:
    for why in port_number(value):
        yield invalid_value(path, value, why)


def port_number_or_name(value: int | str, path: str) -> Iterator[Cause]:
    if isinstance(value, int):
        yield from port(value, path)
    else:
        for why in port_name(value):
            yield invalid_value(path, value, why)


def count_or_percent(value: int | str, path: str) -> Iterator[Cause]:
    """Positive or a percentage: `ValidatePositiveIntOrPercent`."""
    if isinstance(value, str):
        for why in percent(value):
            yield invalid_value(path, value, why)
    else:
        yield from not_negative(value, path)


def at_most_hundred_percent(value: int | str | None, path: str) -> Iterator[Cause]:
    if percentage(value) > 100:
        yield invalid_value(path, value, "must not be greater than 100%")


def percentage(value: int | str | None) -> int:
    """Of `30%` 30; 0 of a count or of what is no percentage."""
    return int(value[:-1]) if isinstance(value, str) and not percent(value) else 0


def is_zero(value: int | str | None) -> bool:
    """Zero or zero percent, as `getIntOrPercentValue` sees it."""
    return value == 0 if isinstance(value, int) else percentage(value) == 0


def amount(value: str | int | float) -> float:
    """The number behind a quantity; not a number where it is none, which decoding refuses."""
    try:
        return parse_quantity(value)
    except InvalidInputError:
        return float("nan")
