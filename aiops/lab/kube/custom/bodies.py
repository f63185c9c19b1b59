"""Bodies of requests read as custom objects: unknown fields are told and dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError, bad_request
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import clone
from aiops.lab.kube.schema.decode import DecodingError, decode

Refused = Callable[[str], ApiError]
Check = Callable[[list[str], Refused], None]


def _other_kind(resource: Resource, given: Manifest) -> ApiError:
    kind, name = str(given.get("kind")), str((given.get("metadata") or {}).get("name") or "")
    message = f'Invalid value: "{kind}": must be {resource.kind}'
    cause = {"reason": "FieldValueInvalid", "message": message, "field": "kind"}
    details = {"name": name, "group": resource.group, "kind": kind, "causes": [cause]}
    return ApiError(422, "Invalid", f'{kind}.{resource.group} "{name}" is invalid: kind: {message}', details)


def read_custom(resource: Resource, value: Any, strict: list[str], check: Check, refused: Refused) -> Manifest:
    """The value as an object of a custom kind. `check` is told what strict reading refuses. Raises 400."""
    given: Manifest = clone(value or {})
    api_version = given.get("apiVersion") or resource.api_version
    if (api_version, given.get("kind") or resource.kind) != (resource.api_version, resource.kind):
        if api_version != resource.api_version:
            what = f"({api_version}) does not match the expected API version ({resource.api_version})"
            raise bad_request(f"the API version in the data {what}")
        raise _other_kind(resource, given)
    given |= {"apiVersion": resource.api_version, "kind": resource.kind}
    try:
        # Metadata is the same for every kind, so it is read as that of any.
        decoded = decode({"metadata": given.get("metadata") or {}}, "v1", "ConfigMap")
    except DecodingError as error:
        raise refused(str(error)) from error
    given["metadata"] = decoded.manifest.get("metadata") or {}
    unknown = resource.custom.prune(given)
    check([*strict, *decoded.strict, *(f'unknown field "{path}"' for path in unknown)], refused)
    head = {"apiVersion": given.pop("apiVersion"), "kind": given.pop("kind"), "metadata": given.pop("metadata")}
    return head | given
