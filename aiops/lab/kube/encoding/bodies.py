"""Bodies of requests: parsed by their content type, and read as an object of the kind that the path names.

What is wrong is told as the API server's handlers tell it (`transformDecodeError`, field validation).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.custom.bodies import read_custom
from aiops.lab.kube.encoding.jsontext import WrongTextError, parse_json, repeated_fields
from aiops.lab.kube.encoding.protobuf import MAGIC, NOT_PROTOBUF, decode_object
from aiops.lab.kube.encoding.protobuf import MEDIA as PROTOBUF
from aiops.lab.kube.encoding.yamltext import parse_yaml
from aiops.lab.kube.errors import ApiError, Cause, bad_request, too_large
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.patching.configuration import check_configuration
from aiops.lab.kube.schema.decode import DecodingError, decode
from aiops.lab.kube.schema.gotext import go_text
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
            return Body(*_with(parse_yaml(content), content))
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
        return Body(*_with(parse_yaml(content), content))
    except WrongTextError as error:
        raise _unrecognized(kind, str(error), content) from error


def _with(parsed: tuple[Any, list[str]], content: bytes) -> tuple[Any, bytes, list[str]]:
    return parsed[0], content, parsed[1]


_OPERATIONS = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_MAP, _OPERATION_LIST = "map[string]interface {}", "[]handlers.jsonPatchOp"


def parse_patch(content: bytes, media: str) -> Body:
    """The body of a patch. Raises 400, 413."""
    if len(content) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    if media == APPLY:
        return _configuration(content)
    start = "" if media == STRATEGIC else "error decoding patch: "
    try:
        body = Body(parse_json(content), content)
    except WrongTextError as error:
        raise bad_request(f"{start}{error}") from error
    wanted: type = list if media == _OPERATIONS else dict
    if body.value is None and media == "application/merge-patch+json":
        raise bad_request("Invalid JSON Patch")
    if body.value is not None and not isinstance(body.value, wanted):
        into = _OPERATION_LIST if wanted is list else _MAP
        raise bad_request(f"{start}json: cannot unmarshal {_type(body.value)} into Go value of type {into}")
    return Body(wanted() if body.value is None else body.value, content)


def _configuration(content: bytes) -> Body:
    """The body of a server-side apply."""
    start = "error decoding YAML: error"
    try:
        if content.lstrip().startswith(b"{"):
            body = Body(parse_json(content), content)
        else:
            body = Body(*_with(parse_yaml(content), content))
    except WrongTextError as error:
        raise bad_request(f"{start} converting YAML to JSON: {_as_yaml(content, error)}") from error
    if body.value is not None and not isinstance(body.value, dict):
        why = f"cannot unmarshal {_type(body.value)} into Go value of type {_MAP}"
        raise bad_request(f"{start} unmarshaling JSON: while decoding JSON: json: {why}")
    head = body.value or {}
    if not head.get("apiVersion") or not head.get("kind"):
        group, _, version = str(head.get("apiVersion") or "").rpartition("/")
        named = f"{group}/{version}" if group or not version else version
        raise bad_request(f"invalid object type: {named}, Kind={head.get('kind') or ''}")
    return body


def _as_yaml(content: bytes, error: WrongTextError) -> str:
    try:
        parse_yaml(content)
    except WrongTextError as wrong:
        return str(wrong)
    return str(error)


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


def read_configuration(resource: Resource, body: Body) -> Manifest:
    """The body of an apply, with nothing added to it: what it names is what its manager owns. Raises 400, 500."""
    config: Manifest = body.value
    if not isinstance(config.get("metadata") or {}, dict):
        raise bad_request("the metadata of the object is no object")
    if resource.custom is None:
        check_configuration(config)
    return config


def read_patched(
    resource: Resource, value: Any, strict: list[str], validation: FieldValidation, changes: Any = None
) -> Manifest:
    """The outcome of a patch as an object of the resource's kind. `changes` is a strategic merge patch, which errors
    show instead of its outcome. Raises 422 as for a wrong patch."""

    def refused(why: str) -> ApiError:
        shown = _shown(value) if changes is None else f'"{go_text(changes)}"'
        message = f"Invalid value: {shown}: {why}"
        cause = Cause("FieldValueInvalid", message, "patch")
        details = {"causes": [{"reason": cause.reason, "message": cause.message, "field": cause.field}]}
        return ApiError(422, "Invalid", f' "" is invalid: patch: {message}', details)

    if resource.custom is not None:
        return read_custom(resource, value, strict, validation.check, refused)
    try:
        decoded = decode(value, resource.api_version, resource.kind)
    except DecodingError as error:
        raise refused(str(error) if changes is None else error.converting) from error
    validation.check([*strict, *decoded.strict], refused)
    return decoded.manifest


def patch_strictness(body: Body) -> list[str]:
    """What strict reading refuses in the text of a patch."""
    twice = repeated_fields(body.value)
    if not isinstance(body.value, list):
        return [*body.strict, *(f'duplicate field "{path}"' for path in twice)]
    unknown = [
        f"[{index}].{name}"
        for index, operation in enumerate(body.value)
        for name in (operation if isinstance(operation, dict) else ())
        if name not in _OPERATION
    ]
    said = [f'json patch unknown field "{path}"' for path in unknown]
    return said + [f'json patch duplicate field "{path}"' for path in twice]


_OPERATION = ("op", "path", "from", "value")


def _shown(value: Any) -> str:
    """A value as JSON inside quotes, as Go prints it."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _head(resource: Resource, body: Body) -> tuple[str, str]:
    """The body's apiVersion and kind; the resource's where it names none. Raises 400."""
    value, start = body.value, "couldn't get version/kind; json parse error: json: cannot unmarshal "
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise _unrecognized(resource.kind, f"{start}{_type(value)} into Go value of type {_HEAD}", body.content)
    for name in ("apiVersion", "kind"):
        if not isinstance(value.get(name) or "", str):
            why = f"{start}{_type(value[name])} into Go struct field .{name} of type string"
            raise _unrecognized(resource.kind, why, body.content)
    api_version, kind = value.get("apiVersion") or "", value.get("kind") or resource.kind
    if api_version.count("/") > 1:
        raise _unrecognized(resource.kind, f"unexpected GroupVersion string: {api_version}", body.content)
    return api_version or resource.api_version, kind


def _type(value: Any) -> str:
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
