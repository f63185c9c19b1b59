"""What admission knows of a request, and what it may do with the cluster."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, Protocol

from aiops.core.entity import Manifest
from aiops.lab.kube.access.user import User
from aiops.lab.kube.admission.writer import Writer
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.storage.requests import RequestLog

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]


@dataclass(slots=True)
class Attributes:
    """One request. `new` is the caller's own copy: mutating plug-ins change it in place or replace it. It is empty for
    a deletion; `old` is None for a creation. `rng` makes generated names."""

    operation: Operation
    resource: Resource
    namespace: str
    name: str
    new: Manifest
    old: Manifest | None
    writer: Writer
    rng: Random
    subresource: str = ""
    dry_run: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    """Is admission going over the object for the second time?"""
    changed: bool = False
    """Did a webhook change the object?"""
    asked_before: set[str] = field(default_factory=set)
    to_ask_again: set[str] = field(default_factory=set)
    """Webhooks that want to see what others have changed."""

    @property
    def user(self) -> User:
        return self.writer.user

    @property
    def shown_name(self) -> str:
        """The object's name in messages; a generated one is not known before the object is validated."""
        metadata = self.new.get("metadata") or {}
        return self.name or metadata.get("name") or metadata.get("generateName") or "Unknown"

    def forbidden(self, why: str) -> ApiError:
        """403, as admission words it."""
        resource = self.resource
        group = {"group": resource.group} if resource.group else {}
        details: dict[str, Any] = {"name": self.shown_name, **group, "kind": resource.plural}
        message = f'{resource.qualified} "{self.shown_name}" is forbidden: {why}'
        return ApiError(403, "Forbidden", message, details)


class Cluster(Protocol):
    """Reads, and writes in the name of the present writer."""

    @property
    def revision(self) -> int: ...

    @property
    def catalog(self) -> Catalog: ...

    @property
    def requests(self) -> RequestLog: ...

    def now(self) -> float: ...

    def acting(self, user: User, warnings: list[str] | None = None) -> AbstractContextManager[Writer]: ...

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...

    def create(self, manifest: Manifest, *, manager: str) -> Manifest: ...

    def update(self, manifest: Manifest, *, manager: str, subresource: str = "") -> Manifest: ...
