"""Every error that aiops raises on purpose, as one tree.

A caller catches the narrowest class that it can act on; the borders (HTTP, CLI, a graph node) catch `AiopsError`
and show its message, which always names the thing and the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class AiopsError(Exception):
    """Base of all our errors. The message is fit for a user to read."""


class ConfigurationError(AiopsError):
    """A setting is missing, malformed or contradicts another one."""


class DuplicateNameError(AiopsError):
    """Two plug-ins registered themselves under one name."""


class UnknownNameError(AiopsError):
    """No plug-in has this name. The message suggests the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        close = get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(names) or 'none'}"
        super().__init__(f"no {what} named {name!r}; {hint}")
        self.name = name
        self.suggestions = close


class InvalidInputError(AiopsError):
    """Input from outside (a file, a request, an argument) cannot be used; the message says where it is wrong."""


class RemoteError(AiopsError):
    """A service behind a client gave no result. Whoever can do without it catches this."""


class TransportError(RemoteError):
    """A service behind a client did not answer, or not in time. Trying again later may help."""


class ClusterUnreachableError(AiopsError):
    """The Kubernetes API does not answer, or does not know us any more: nothing can be done without it.

    No `RemoteError`, so that nobody takes a cluster that is gone for a gap in the data.

    `status` is the HTTP status of its answer, 0 without one.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class StorageError(AiopsError):
    """The state folder cannot be read or written (a full disk, a damaged file). Trying again later may help."""


class ServiceError(RemoteError):
    """A service answered with an error. `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFoundError(ServiceError):
    """The service does not have what was asked for."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 404)


class ConflictError(ServiceError):
    """The thing changed since it was read, or exists already."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 409)


class DeniedError(ServiceError):
    """The caller has no right to do this."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 403)


class ToolError(AiopsError):
    """A tool could not give a result. One subclass for each thing that its caller can do about it."""


class RetryWithOtherArgumentsError(ToolError):
    """The arguments do not fit the cluster as it is; other arguments may."""


class NotPossibleError(ToolError):
    """No arguments would make this work here (a part is missing, nothing to undo)."""


class NotSupportedError(AiopsError):
    """The target has no way of doing this; the message names it."""


class ActionRefusedError(AiopsError):
    """A safety rule forbids this action; the message names the rule."""


class TransitionError(AiopsError):
    """An incident cannot go from the state it is in to the one asked for."""


class ApprovalError(AiopsError):
    """An approval was used twice, came too late or belongs to another action."""
