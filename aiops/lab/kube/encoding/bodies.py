"""Bodies of requests: parsed by their content type, and read as an object of the kind that the path names.

What is wrong is told as the API server's handlers tell it (`transformDecodeError`, field validation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.custom.bodies import read_custom
from aiops.lab.kube.encoding.jsontext import WrongTextError, parse_json
from aiops.lab.kube.encoding.protobuf import MAGIC, NOT_PROTOBUF, decode_object
from aiops.lab.kube.encoding.protobuf import MEDIA as PROTOBUF
from aiops.lab.kube.encoding.yamltext import parse_yaml
from aiops.lab.kube.errors import ApiError, bad_request, too_large
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.schema.decode import DecodingError, decode
from aiops.lab.kube.schema.table import kinds, type_of

JSON = "application/json"
YAML = "application/yaml"
APPLY = "application/apply-patch+yaml"
MOST_BYTES = 3 * 1024 * 1024
"""The API server's own limit for a body."""

_SCHEME = 'in scheme "pkg/runtime/scheme.go:111"'
_HEAD = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
_SUMMARY = 30

Warn = Callable[[str], None]


def _nobody(_: str) -> None:
    """Warnings that no one reads."""


@dataclass(frozen=True, slots=True)
class Body:
    """A parsed body. `strict` is what strict reading of the text refuses; fields that JSON names twice are told with
    the unknown ones."""

    value: Any
    content: bytes = b""
    strict: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FieldValidation:
    """What happens to fields that a kind does not have: `Ignore`, `Warn` or `Strict`."""

    level: str = "Ignore"
    warn: Warn = _nobody

    def check(self, strict: list[str], refused: Callable[[str], ApiError]) -> None:
        """Warn of each, or raise what `refused` makes of them all."""
        if not strict or self.level == "Ignore":
            return
        if self.level == "Strict":
            raise refused("strict decoding error: " + ", ".join(_told(text) for text in strict))
        for text in strict:
            self.warn(text)


def _told(text: str) -> str:
    return f"yaml: unmarshal errors:\n  {text}" if text.startswith("line ") else text


def field_validation(level: str | None, options: str, warn: Warn) -> FieldValidation:
    """As the query says; `options` names the object in errors (`CreateOptions`). Raises 422."""
    if level not in (None, "", "Ignore", "Warn", "Strict"):
        message = f'Unsupported value: "{level}": supported values: "", "Ignore", "Strict", "Warn"'
        cause = {"reason": "FieldValueNotSupported", "message": message, "field": "fieldValidation"}
        details = {"group": "meta.k8s.io", "kind": options, "causes": [cause]}
        text = f'{options}.meta.k8s.io "" is invalid: fieldValidation: {message}'
        raise ApiError(422, "Invalid", text, details)
    return FieldValidation(level or "Warn", warn)


def parse(content: bytes, media: str, kind: str) -> Body:
    """Parse a body that should hold a `kind`. Raises 400, 413, 415."""
    if len(content) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    if media == PROTOBUF:
        if not content.startswith(MAGIC):
            raise _unrecognized(kind, NOT_PROTOBUF, content)
        return Body(decode_object(content), content)
    try:
        if media in (YAML, APPLY) and not content.lstrip().startswith(b"{"):
            return yaml_body(content)
        if media in (JSON, "", YAML, APPLY):
            return Body(parse_json(content), content)
    except WrongTextError as error:
        if media in (YAML, APPLY) and str(error).startswith("yaml:"):
            raise _unrecognized(kind, str(error), content) from error
        if media == YAML:
            return parse_flow_yaml(content, kind)
        raise _unrecognized(kind, f"couldn't get version/kind; json parse error: {error}", content) from error
    raise unsupported_body()


def parse_flow_yaml(content: bytes, kind: str) -> Body:
    """YAML that starts like JSON and is not. Raises 400."""
    try:
        return yaml_body(content)
    except WrongTextError as error:
        raise _unrecognized(kind, str(error), content) from error


def yaml_body(content: bytes) -> Body:
    """A body in YAML. Raises WrongTextError."""
    value, strict = parse_yaml(content)
    return Body(value, content, strict)


def unsupported_body() -> ApiError:
    accepted = f"{JSON}, {YAML}, {PROTOBUF}"
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    return ApiError(415, "UnsupportedMediaType", message)


def _unrecognized(kind: str, why: str, content: bytes) -> ApiError:
    text = f"the object provided is unrecognized (must be of type {kind}): {why} ({_summary(content)})"
    return bad_request(text)


def _summary(content: bytes) -> str:
    if not content:
        return "<empty>"
    start = content[:_SUMMARY]
    shown = start.decode(errors="replace") if content.startswith(b"{") else start.hex()
    return shown + (" ..." if len(content) > _SUMMARY else "")


def read_object(resource: Resource, body: Body, validation: FieldValidation) -> Manifest:
    """The body as an object of the resource's kind. Raises 400."""
    api_version, kind = _head(resource, body)
    version = api_version.rpartition("/")[2]

    def refused(why: str) -> ApiError:
        return bad_request(f'{kind} in version "{version}" cannot be handled as a {resource.kind}: {why}')

    if resource.custom is not None:
        return read_custom(resource, body.value, body.strict, validation.check, refused)
    other = (api_version, kind) != (resource.api_version, resource.kind)
    if other and (api_version, kind) not in kinds():
        raise refused(f'no kind "{kind}" is registered for version "{api_version}" {_SCHEME}')
    try:
        decoded = decode(body.value or {}, api_version, kind)
    except DecodingError as error:
        raise refused(str(error)) from error
    if kind != resource.kind:
        there, here = _go_packages(api_version, kind, resource)
        raise refused(f"converting ({there}.{kind}) to ({here}.{resource.kind}): unknown conversion")
    validation.check([*body.strict, *decoded.strict], refused)
    if other:
        what = f"({api_version}) does not match the expected API version ({resource.api_version})"
        raise bad_request(f"the API version in the data {what}")
    return decoded.manifest


def _head(resource: Resource, body: Body) -> tuple[str, str]:
    """The body's apiVersion and kind; the resource's where it names none. Raises 400."""
    value, start = body.value, "couldn't get version/kind; json parse error: json: cannot unmarshal "
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise _unrecognized(resource.kind, f"{start}{json_type(value)} into Go value of type {_HEAD}", body.content)
    for name in ("apiVersion", "kind"):
        if not isinstance(value.get(name) or "", str):
            why = f"{start}{json_type(value[name])} into Go struct field .{name} of type string"
            raise _unrecognized(resource.kind, why, body.content)
    api_version, kind = value.get("apiVersion") or "", value.get("kind") or resource.kind
    if api_version.count("/") > 1:
        raise _unrecognized(resource.kind, f"unexpected GroupVersion string: {api_version}", body.content)
    return api_version or resource.api_version, kind


def json_type(value: Any) -> str:
    """The JSON type of a value, as Go names it."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _go_packages(api_version: str, kind: str, resource: Resource) -> tuple[str, str]:
    """The Go packages of the body's type and of the kind that the path names."""
    found, wanted = type_of(api_version, kind), type_of(resource.api_version, resource.kind)
    there = found.name.rpartition(".")[0].rpartition("/")[2] if found else ""
    here = wanted.name.partition("/")[0] if wanted else resource.group
    return there, here
