"""The words for a wrong field, as Kubernetes' `field.Error` makes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from aiops.lab.kube.errors import Cause

IMMUTABLE = "field is immutable"
NEGATIVE = "must be greater than or equal to 0"


def required(field: str, what: str = "") -> Cause:
    return Cause("FieldValueRequired", _told("Required value", what), field)


def invalid_value(field: str, value: Any, why: str) -> Cause:
    return Cause("FieldValueInvalid", _told(f"Invalid value: {shown(value)}", why), field)


def type_invalid(field: str, value: Any, why: str) -> Cause:
    return Cause("FieldValueTypeInvalid", _told(f"Invalid value: {shown(value)}", why), field)


def not_supported(field: str, value: Any, supported: Iterable[str] = ()) -> Cause:
    known = ", ".join(quoted(item) for item in supported)
    text = _told(f"Unsupported value: {shown(value)}", f"supported values: {known}" if known else "")
    return Cause("FieldValueNotSupported", text, field)


def duplicate(field: str, value: Any) -> Cause:
    return Cause("FieldValueDuplicate", f"Duplicate value: {shown(value)}", field)


def not_found(field: str, value: Any) -> Cause:
    return Cause("FieldValueNotFound", f"Not found: {shown(value)}", field)


def forbidden(field: str, why: str) -> Cause:
    return Cause("FieldValueForbidden", _told("Forbidden", why), field)


def too_long(field: str, most: int, unit: str = "bytes") -> Cause:
    units = unit.removesuffix("s") if most == 1 else unit
    return Cause("FieldValueTooLong", f"Too long: may not be more than {most} {units}", field)


def too_many(field: str, actual: int, most: int) -> Cause:
    items = "item" if most == 1 else "items"
    return Cause("FieldValueTooMany", f"Too many: {actual}: must have at most {most} {items}", field)


def shown(value: Any) -> str:
    """A value as an error quotes it: bare numbers, quoted text, JSON of the rest."""
    if isinstance(value, str):
        return quoted(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def quoted(text: str) -> str:
    """Text in double quotes with Go's escapes, which are JSON's for all that names hold."""
    return orjson.dumps(text).decode()


def _told(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
