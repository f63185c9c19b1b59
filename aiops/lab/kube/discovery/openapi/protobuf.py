"""The OpenAPI v2 document in protobuf, in which kubectl asks for it: the messages of gnostic's `OpenAPIv2.proto`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

MEDIA = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "patch": 8}


def document(openapi: dict[str, Any]) -> bytes:
    """A whole document."""
    info = _text(1, openapi["info"]["title"]) + _text(2, openapi["info"]["version"])
    paths = b"".join(_field(2, _named(path, _path(item))) for path, item in openapi["paths"].items())
    definitions = _schemas(openapi["definitions"])
    return _text(1, openapi["swagger"]) + _field(2, info) + _field(8, paths) + _field(9, definitions)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _text(number: int, value: str | None) -> bytes:
    return _field(number, value.encode()) if value else b""


def _flag(number: int, value: bool) -> bytes:
    return _varint(number << 3) + b"\x01" if value else b""


def _named(name: str, content: bytes) -> bytes:
    return _text(1, name) + _field(2, content)


def _extensions(number: int, values: dict[str, Any]) -> bytes:
    """The marks that begin with `x-`, each as YAML, which JSON is."""
    marks = ((name, value) for name, value in values.items() if name.startswith("x-"))
    return b"".join(_field(number, _named(name, _field(2, orjson.dumps(value)))) for name, value in marks)


def _path(item: dict[str, Any]) -> bytes:
    operations = b"".join(
        _field(number, _operation(item[method])) for method, number in _METHODS.items() if method in item
    )
    return operations + _parameters(9, item.get("parameters") or ())


def _operation(operation: dict[str, Any]) -> bytes:
    out = b"".join(_text(1, tag) for tag in operation.get("tags") or ())
    out += _text(3, operation.get("description")) + _text(5, operation.get("operationId"))
    out += b"".join(_text(7, media) for media in operation.get("consumes") or ())
    out += _parameters(8, operation.get("parameters") or ())
    answers = (_named(status, _field(1, _response(each))) for status, each in operation["responses"].items())
    out += _field(9, b"".join(_field(1, answer) for answer in answers))
    return out + _extensions(13, operation)


def _response(response: dict[str, Any]) -> bytes:
    schema = response.get("schema")
    return _text(1, response["description"]) + (_field(2, _field(1, _schema(schema))) if schema else b"")


def _parameters(number: int, parameters: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(_field(number, _field(1, _parameter(each))) for each in parameters)


def _parameter(parameter: dict[str, Any]) -> bytes:
    head = _text(3, parameter["in"])
    if parameter["in"] == "body":
        return _field(1, _text(2, parameter["name"]) + head + _field(5, _schema(parameter["schema"])))
    where, kind, unique = (4, 5, 19) if parameter["in"] == "path" else (3, 6, 20)
    body = _flag(1, bool(parameter.get("required"))) + _text(2, parameter["in"]) + _text(4, parameter["name"])
    body += _text(kind, parameter["type"]) + _flag(unique, bool(parameter.get("uniqueItems")))
    return _field(2, _field(where, body))


def _schemas(schemas: dict[str, Any]) -> bytes:
    return b"".join(_field(1, _named(name, _schema(schema))) for name, schema in schemas.items())


def _schema(schema: dict[str, Any]) -> bytes:
    out = _text(1, schema.get("$ref")) + _text(2, schema.get("format")) + _text(4, schema.get("description"))
    out += b"".join(_text(19, name) for name in schema.get("required") or ())
    out += b"".join(_field(20, _field(2, orjson.dumps(value))) for value in schema.get("enum") or ())
    if isinstance(more := schema.get("additionalProperties"), dict):
        out += _field(21, _field(1, _schema(more)))
    if kind := schema.get("type"):
        out += _field(22, _text(1, kind))
    if isinstance(items := schema.get("items"), dict):
        out += _field(23, _field(1, _schema(items)))
    if properties := schema.get("properties"):
        out += _field(25, _schemas(properties))
    return out + _extensions(31, schema)
