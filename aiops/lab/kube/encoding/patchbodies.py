"""Bodies of patches, and what they leave of an object."""

from __future__ import annotations

from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.custom.bodies import read_custom
from aiops.lab.kube.encoding.bodies import APPLY, MOST_BYTES, Body, FieldValidation, json_type, yaml_body
from aiops.lab.kube.encoding.jsontext import WrongTextError, parse_json, repeated_fields
from aiops.lab.kube.encoding.yamltext import parse_yaml
from aiops.lab.kube.errors import ApiError, Cause, bad_request, too_large
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.patching.configuration import check_configuration
from aiops.lab.kube.schema.decode import DecodingError, decode
from aiops.lab.kube.schema.gotext import go_text

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
        raise bad_request(f"{start}json: cannot unmarshal {json_type(body.value)} into Go value of type {into}")
    return Body(wanted() if body.value is None else body.value, content)


def _configuration(content: bytes) -> Body:
    """The body of a server-side apply."""
    start = "error decoding YAML: error"
    try:
        as_json = content.lstrip().startswith(b"{")
        body = Body(parse_json(content), content) if as_json else yaml_body(content)
    except WrongTextError as error:
        raise bad_request(f"{start} converting YAML to JSON: {_as_yaml(content, error)}") from error
    if body.value is not None and not isinstance(body.value, dict):
        why = f"cannot unmarshal {json_type(body.value)} into Go value of type {_MAP}"
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
