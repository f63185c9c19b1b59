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


def duplicate(field: str, value: Any, why: str = "") -> Cause:
    return Cause("FieldValueDuplicate", _told(f"Duplicate value: {shown(value)}", why), field)


def invalid_whole(field: str, why: str) -> Cause:
    """A value that is too much to quote."""
    return Cause("FieldValueInvalid", f"Invalid value: {why}", field)


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
    return orjson.dumps(_ordered(value)).decode()


def _ordered(value: Any) -> Any:
    """Go writes structs in the order of their fields, and maps of texts sorted."""
    if isinstance(value, dict):
        texts = all(isinstance(item, str) for item in value.values()) and not any(name[:1].isupper() for name in value)
        return {name: _ordered(value[name]) for name in (sorted(value) if texts else value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def quoted(text: str) -> str:
    """Text in double quotes with Go's escapes, which are JSON's for all that names hold."""
    return orjson.dumps(text).decode()


def _told(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
