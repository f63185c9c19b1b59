"""Which kinds an API server has: the table of the usual ones, and its own discovery documents for the rest."""

from __future__ import annotations

from typing import Any

from aiops.clients.kinds import RESOURCES, Resource
from aiops.clients.transport import HttpService
from aiops.core.entity import Manifest
from aiops.core.errors import ClusterUnreachableError, InvalidInputError, NotFoundError

AGGREGATED_AWAY = 503
"""The status of a group whose own server, behind the API server, is away."""


class Discovery:
    """Finds where a kind lives. The server is asked once, for the first kind that the table does not have."""

    def __init__(self, http: HttpService) -> None:
        self._http = http
        self._found: dict[str, Resource] = {}

    async def resource(self, kind: str) -> Resource:
        """Raises `InvalidInputError` where neither the table nor the server knows the kind."""
        known = RESOURCES.get(kind) or self._found.get(kind)
        if known is None:
            await self._ask()
            known = self._found.get(kind)
        if known is None:
            raise InvalidInputError(f"{self._http.name} has no kind {kind!r}")
        return known

    async def resource_of(self, manifest: Manifest) -> Resource:
        """Where an object lives, in the version that it is written in."""
        kind = str(manifest["kind"])
        api_version = str(manifest.get("apiVersion", ""))
        group, _, version = api_version.rpartition("/")
        usual = RESOURCES.get(kind)
        if usual is not None and api_version in ("", usual.api_version):
            return usual
        if usual is not None and group == usual.group:
            return Resource(kind, group, version, usual.plural, usual.namespaced)
        for resource in await self._group(api_version):
            if resource.kind == kind:
                return resource
        raise InvalidInputError(f"{self._http.name} has no kind {kind!r} in {api_version!r}")

    async def _ask(self) -> None:
        """Learn every kind that the server has; the first group that has a kind wins, as in kubectl."""
        groups = (await self._http.get_json("/apis")).get("groups", [])
        for api_version in ["v1", *(group["preferredVersion"]["groupVersion"] for group in groups)]:
            for resource in await self._group(api_version):
                self._found.setdefault(resource.kind, resource)

    async def _group(self, api_version: str) -> list[Resource]:
        path = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            return _resources(api_version, await self._http.get_json(path))
        except NotFoundError:
            return []  # a group that is not there
        except ClusterUnreachableError as error:
            if error.status != AGGREGATED_AWAY:
                raise
            return []


def _resources(api_version: str, body: dict[str, Any]) -> list[Resource]:
    """The resources of an `APIResourceList`, without subresources."""
    group, _, version = api_version.rpartition("/")
    return [
        Resource(item["kind"], group, version, item["name"], bool(item.get("namespaced")))
        for item in body.get("resources", [])
        if "/" not in item["name"]
    ]
