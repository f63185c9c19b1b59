"""Kubernetes' protobuf bodies, which kubectl sends when it creates an object from its own command line.

A body is `k8s\\0` and an `Unknown` message: the object's kind and the encoded object. How messages are encoded is in
the Protocol Buffers documentation ("Encoding"); which field has which number is in `protofields.py`.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.encoding.protofields import IGNORED, MESSAGES, OBJECTS
from aiops.lab.kube.errors import bad_request, unsupported_media

MAGIC = b"k8s\x00"
MEDIA = "application/vnd.kubernetes.protobuf"
_VARINT, _LENGTH = 0, 2


def decode_object(content: bytes) -> Manifest:
    """The object of a protobuf body as JSON. Raises 400, and 415 for a kind or field that is not in the tables."""
    if not content.startswith(MAGIC):
        raise bad_request("the body of the request has no protobuf header")
    try:
        envelope = dict(_fields(content[len(MAGIC) :]))
        type_meta = dict(_fields(envelope[1]))
        version, kind = type_meta[1].decode(), type_meta[2].decode()
        if (version, kind) not in OBJECTS:
            raise unsupported_media(f"application/json, application/yaml (for {kind} in {version})")
        return {"apiVersion": version, "kind": kind, **_message(OBJECTS[version, kind], envelope.get(2, b""))}
    except (KeyError, IndexError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise bad_request(f"the protobuf body of the request cannot be read: {error!r}") from error


def _fields(data: bytes) -> list[tuple[int, Any]]:
    """(number, value) of each field: an int, or bytes."""
    found: list[tuple[int, Any]] = []
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        if tag & 7 == _VARINT:
            value, place = _varint(data, place)
            found.append((tag >> 3, value))
        elif tag & 7 == _LENGTH:
            size, place = _varint(data, place)
            if place + size > len(data):
                raise IndexError("a field is longer than the message")
            found.append((tag >> 3, data[place : place + size]))
            place += size
        else:
            raise TypeError(f"wire type {tag & 7}")
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _message(name: str, data: bytes) -> dict[str, Any]:
    known = MESSAGES[name]
    result: dict[str, Any] = {}
    for number, value in _fields(data):
        if number not in known:
            raise unsupported_media(f"application/json, application/yaml (for field {number} of {name})")
        field = known[number]
        if field.kind == "map":
            pair = dict(_fields(value))
            key = pair.get(1, b"").decode()
            result.setdefault(field.name, {})[key] = _value(field.of, pair.get(2, b""))
        elif field.repeated:
            result.setdefault(field.name, []).append(_value(field.kind, value))
        else:
            decoded = _value(field.kind, value)
            # The encoder writes empty strings and messages for what was never set.
            if decoded not in ("", {}, None):
                result[field.name] = decoded
    return result


def _value(kind: str, value: Any) -> Any:
    if kind == "string":
        return value.decode()
    if kind == "bytes":
        return b64encode(value).decode()
    if kind == "bool":
        return bool(value)
    if kind == "int":
        return value - (1 << 64) if value >> 63 else value
    if kind == "Time":
        seconds = dict(_fields(value)).get(1)
        return rfc3339(float(seconds)) if seconds and not seconds >> 63 else None
    if kind == "Quantity":
        return dict(_fields(value)).get(1, b"").decode()
    if kind == "IntOrString":
        parts = dict(_fields(value))
        return parts.get(3, b"").decode() if parts.get(1) else parts.get(2, 0)
    return {} if kind == IGNORED else _message(kind, value)
