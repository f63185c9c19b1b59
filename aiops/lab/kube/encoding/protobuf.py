"""Kubernetes' protobuf bodies, which kubectl sends when it creates an object from its own command line.

A body is `k8s\\0` and an `Unknown` message: the object's kind and the encoded object. How messages are encoded is in
the Protocol Buffers documentation ("Encoding"); which field has which number is in the table of types.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from struct import unpack
from typing import Any

import orjson

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.errors import bad_request
from aiops.lab.kube.schema.table import Field, Struct, Type, struct, type_of

MAGIC = b"k8s\x00"
NOT_PROTOBUF = "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
MEDIA = "application/vnd.kubernetes.protobuf"
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def decode_object(content: bytes) -> Manifest:
    """The object of a protobuf body as JSON; of an unknown kind nothing but its head. Raises 400."""
    if not content.startswith(MAGIC):
        raise bad_request(NOT_PROTOBUF)
    try:
        envelope = dict(_fields(content[len(MAGIC) :]))
        type_meta = dict(_fields(envelope.get(1, b"")))
        version, kind = type_meta.get(1, b"").decode(), type_meta.get(2, b"").decode()
        found = type_of(version, kind)
        body = _message(found, envelope.get(2, b"")) if found else {}
        return {"apiVersion": version, "kind": kind, **body}
    except (IndexError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise bad_request(f"the protobuf body of the request cannot be read: {error!r}") from error


def _fields(data: bytes) -> list[tuple[int, Any]]:
    """(number, value) of each field: an int, bytes, or eight bytes of a float."""
    found: list[tuple[int, Any]] = []
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        wire = tag & 7
        if wire == _VARINT:
            value, place = _varint(data, place)
            found.append((tag >> 3, value))
            continue
        if wire == _LENGTH:
            size, place = _varint(data, place)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}.get(wire, -1)
        if size < 0 or place + size > len(data):
            raise ValueError("a field is longer than the message, or of an unknown wire type")
        found.append((tag >> 3, data[place : place + size]))
        place += size
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ValueError("a number is longer than 64 bits")


@cache
def _numbered(of: Struct) -> tuple[dict[int, Field], dict[int, Struct]]:
    """The fields of a message by number, and the messages whose fields stand in its own JSON object."""
    inline = {number: struct(name) for name, number in of.inline}
    hidden = {name for each in inline.values() for name in each.fields}
    return {each.number: each for each in of.fields.values() if each.name not in hidden}, inline


def _message(of: Struct, data: bytes) -> dict[str, Any]:
    known, inline = _numbered(of)
    result: dict[str, Any] = {}
    for number, value in _fields(data):
        if number in inline:
            result.update(_message(inline[number], value))
        elif each := known.get(number):
            _set(result, each, value)
    return result


def _set(result: dict[str, Any], each: Field, value: Any) -> None:
    kind = each.type
    if kind.kind == "list" and kind.item is not None:
        result.setdefault(each.name, []).append(_value(kind.item, value))
    elif kind.kind == "map" and kind.item is not None:
        pair = dict(_fields(value))
        result.setdefault(each.name, {})[pair.get(1, b"").decode()] = _value(kind.item, pair.get(2, b""))
    else:
        result[each.name] = _value(kind, value)


def _value(kind: Type, value: Any) -> Any:
    if kind.kind == "struct":
        return _message(struct(kind.name), value)
    if kind.kind == "list" and kind.item is not None:  # a list inside a map is a message of its own
        return [_value(kind.item, item) for _, item in _fields(value)]
    reader = _READERS.get(kind.kind)
    if reader is None:
        raise ValueError(f"no encoding of {kind.go}")
    return reader(value)


def _int(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _time(value: bytes) -> str | None:
    """None where it was never set: Go's zero time lies before the epoch."""
    parts = dict(_fields(value))
    seconds = parts.get(1)
    return rfc3339(float(seconds)) if seconds and not seconds >> 63 else None


def _micro_time(value: bytes) -> str | None:
    parts = dict(_fields(value))
    seconds = parts.get(1)
    return rfc3339(seconds + parts.get(2, 0) / 1e9, micro=True) if seconds and not seconds >> 63 else None


def _int_or_string(value: bytes) -> int | str:
    parts = dict(_fields(value))
    if parts.get(1):
        text: bytes = parts.get(3, b"")
        return text.decode()
    return _int(parts.get(2, 0))


def _raw(value: bytes) -> Any:
    content = dict(_fields(value)).get(1, b"")
    return orjson.loads(content) if content else None


_READERS: dict[str, Callable[[Any], Any]] = {
    "string": lambda value: value.decode(),
    "bytes": lambda value: b64encode(value).decode(),
    "bool": bool,
    **dict.fromkeys(("int32", "int64"), _int),
    "float64": lambda value: unpack("<d", value)[0],
    "quantity": lambda value: dict(_fields(value)).get(1, b"").decode(),
    "int-or-string": _int_or_string,
    "time": _time,
    "micro-time": _micro_time,
    "duration": lambda value: f"{_int(dict(_fields(value)).get(1, 0)) / 1e9:g}s",
    "any": _raw,
}
