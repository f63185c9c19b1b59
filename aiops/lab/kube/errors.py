"""Errors of the Kubernetes API, each answered with a `Status` object as the real server words it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiops.core.errors import ServiceError
from aiops.lab.kube.kinds.resources import Resource


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that is wrong: `reason` is Kubernetes' (`FieldValueRequired`), `field` its path."""

    reason: str
    message: str
    field: str


class ApiError(ServiceError):
    """A request that is refused. `reason` is Kubernetes' machine-readable reason (`NotFound`), empty where the server
    has none. `metadata` is that of the Status, for a list that may go on."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        details: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, status)
        self.reason = reason
        self.details = details
        self.metadata = metadata or {}

    def body(self) -> dict[str, Any]:
        """The `Status` object that is sent."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": str(self),
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        return {**status, "code": self.status}

    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        seconds = (self.details or {}).get("retryAfterSeconds")
        return {"retry-after": str(seconds)} if seconds else {}


def _details(resource: Resource, name: str) -> dict[str, Any]:
    group = {"group": resource.group} if resource.group else {}
    return {**({"name": name} if name else {}), **group, "kind": resource.plural}


def not_found(resource: Resource, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', _details(resource, name))


def already_exists(resource: Resource, name: str) -> ApiError:
    return ApiError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _details(resource, name))


def conflict(resource: Resource, name: str, why: str) -> ApiError:
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(resource, name))


STALE = "the object has been modified; please apply your changes to the latest version and try again"


def invalid(resource: Resource, name: str, causes: list[Cause]) -> ApiError:
    """422 with every wrong field."""
    texts = list(dict.fromkeys(f"{cause.field}: {cause.message}" for cause in causes))
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    group = f".{resource.group}" if resource.group else ""
    details = {**_details(resource, name), "kind": resource.kind}
    details["causes"] = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    return ApiError(422, "Invalid", f'{resource.kind}{group} "{name}" is invalid: {text}', details)


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def unknown_path() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def expired(requested: int, oldest: int) -> ApiError:
    return ApiError(410, "Expired", f"too old resource version: {requested} ({oldest})")


def unsupported_media(wanted: str) -> ApiError:
    message = f"the body of the request was in an unknown format - accepted media types include: {wanted}"
    return ApiError(415, "UnsupportedMediaType", message)


def too_large(limit: int) -> ApiError:
    return ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {limit}")


def broken(message: str) -> ApiError:
    """500 without a reason, with which the server answers some requests that are the client's mistake."""
    return ApiError(500, "", message)


def internal() -> ApiError:
    return ApiError(500, "InternalError", "Internal error occurred: see the log of the lab")
