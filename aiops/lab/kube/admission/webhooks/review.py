"""What a webhook is asked, and what its answer means, in the words of the API server."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes
from aiops.lab.kube.admission.webhooks.matching import Hook
from aiops.lab.kube.errors import ApiError

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"
_STAMPS = ("creationTimestamp", "managedFields", "resourceVersion")
_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


class CallFailedError(Exception):
    """A webhook could not be asked, or gave no proper answer. The message says why, as the API server does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook says. `patch` are the operations of a JSON patch."""

    allowed: bool
    status: dict[str, Any] = field(default_factory=dict)
    patch: list[Any] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def asked(request: Attributes) -> dict[str, Any]:
    """The AdmissionReview for a request. Its uid comes from its content but for stamps of the time, so that the same
    question has the same one later."""
    resource = request.resource
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    place = {"group": resource.group, "version": resource.version, "resource": resource.plural}
    content: dict[str, Any] = {
        "kind": kind,
        "resource": place,
        **({"subResource": request.subresource} if request.subresource else {}),
        "requestKind": kind,
        "requestResource": place,
        **({"requestSubResource": request.subresource} if request.subresource else {}),
        **({"name": request.name} if request.name else {}),
        **({"namespace": request.namespace} if request.namespace else {}),
        "operation": request.operation,
        "userInfo": request.user.info(),
        "object": request.new or None,
        "oldObject": request.old,
        "dryRun": request.dry_run,
        "options": _options(request),
    }
    lasting = {**content, **{name: _unstamped(content[name]) for name in ("object", "oldObject")}}
    digest = hashlib.sha256(orjson.dumps(lasting, option=orjson.OPT_SORT_KEYS)).digest()
    uid = str(UUID(bytes=digest[:16], version=4))
    return {"kind": KIND, "apiVersion": API_VERSION, "request": {"uid": uid, **content}}


def _unstamped(manifest: Manifest | None) -> Manifest | None:
    """Without what the mere time of a write changes."""
    if not manifest or not isinstance(manifest.get("metadata"), dict):
        return manifest
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in _STAMPS}
    return {**manifest, "metadata": metadata}


def _options(request: Attributes) -> dict[str, Any] | None:
    kind = _OPTIONS.get(request.operation)
    if kind is None:
        return None
    dry_run = {"dryRun": ["All"]} if request.dry_run else {}
    return {"kind": kind, "apiVersion": "meta.k8s.io/v1", **dry_run, **request.options}


def understood(review: dict[str, Any], given: Any, *, mutating: bool) -> Answer:
    """Read an answer. Raises CallFailedError where it is none (`VerifyAdmissionResponse`)."""
    response = given.get("response") if isinstance(given, dict) else None
    if not isinstance(response, dict):
        raise CallFailedError("received invalid webhook response: webhook response was absent")
    uid = review["request"]["uid"]
    if response.get("uid", "") != uid:
        raise _invalid(f'expected response.uid="{uid}", got "{response.get("uid", "")}"')
    if (given.get("apiVersion"), given.get("kind")) != (API_VERSION, KIND):
        actual = f"{given.get('apiVersion', '')}, Kind={given.get('kind', '')}"
        raise _invalid(f"expected webhook response of {API_VERSION}, Kind={KIND}, got {actual}")
    patch = _patch(response, mutating=mutating)
    status = response.get("status") if isinstance(response.get("status"), dict) else {}
    warnings = tuple(str(text) for text in response.get("warnings") or ())
    return Answer(response.get("allowed") is True, status or {}, patch, warnings)


def _patch(response: dict[str, Any], *, mutating: bool) -> list[Any]:
    patch, kind = response.get("patch"), response.get("patchType")
    if not mutating:
        if patch:
            raise _invalid("validating webhook may not return response.patch")
        if kind is not None:
            raise _invalid("validating webhook may not return response.patchType")
        return []
    if patch and kind is None:
        raise _invalid("webhook returned response.patch but not response.patchType")
    if not patch:
        if kind is not None:
            raise _invalid("webhook returned response.patchType but not response.patch")
        return []
    if kind != "JSONPatch":
        raise CallFailedError(f'unsupported patch type "{kind}"')
    try:
        operations = orjson.loads(b64decode(str(patch), validate=True))
    except (ValueError, Base64Error) as error:
        raise CallFailedError(f"received undecodable patch in webhook response: {error}") from error
    if not isinstance(operations, list):
        raise CallFailedError("received undecodable patch in webhook response: it is no list of operations")
    return operations


def _invalid(why: str) -> CallFailedError:
    return CallFailedError(f"received invalid webhook response: {why}")


def denied(hook: Hook, status: dict[str, Any]) -> ApiError:
    """The error for a request that a webhook refused (`ToStatusErr`)."""
    start = f'admission webhook "{hook.name}" denied the request'
    code, message, reason = status.get("code"), status.get("message"), status.get("reason")
    told = f": {message or reason}" if message or reason else " without explanation"
    number = code if isinstance(code, int) and code >= 400 else 400
    details = status.get("details") if isinstance(status.get("details"), dict) else None
    return ApiError(number, str(reason or ""), start + told, details)


def failed(hook: Hook, why: str) -> ApiError:
    """The error for a request whose webhook could not be asked."""
    message = f'failed calling webhook "{hook.name}": {why}'
    details = {"causes": [{"message": message}]}
    return ApiError(500, "InternalError", f"Internal error occurred: {message}", details)


def no_dry_run(hook: Hook) -> ApiError:
    return ApiError(400, "BadRequest", f'admission webhook "{hook.name}" does not support dry run')
