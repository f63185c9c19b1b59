"""The Kubernetes API as everything that reads a cluster sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal, Protocol

from aiops.core.entity import Entity, Manifest

PatchType = Literal["json", "merge", "strategic"]


class KubernetesApi(Protocol):
    """Raw JSON objects in and out, each carrying `kind` and `apiVersion`. `kind` is a Kubernetes kind (`Deployment`).

    Errors: `NotFoundError`, `ConflictError`, `DeniedError`, `ServiceError`, `TransportError`."""

    async def get(self, entity: Entity) -> Manifest: ...

    async def list(self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> list[Manifest]:
        """All objects of a kind, page by page; every namespace where none is given."""
        ...

    async def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest: ...

    async def replace(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest: ...

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType, *, dry_run: bool = False) -> Manifest: ...

    async def delete(self, entity: Entity, *, uid: str | None = None, dry_run: bool = False) -> None: ...

    def watch(
        self, kind: str, namespace: str = "", *, resource_version: str = ""
    ) -> AsyncIterator[tuple[str, Manifest]]:
        """(`ADDED` | `MODIFIED` | `DELETED` | `BOOKMARK`, object). Ends when the server ends it; raises
        `ServiceError` with status 410 where `resource_version` is too old."""
        ...

    async def logs(
        self,
        pod: Entity,
        *,
        container: str = "",
        since_seconds: int | None = None,
        tail: int | None = None,
        previous: bool = False,
    ) -> str:
        """Lines with an RFC 3339 time in front."""
        ...
