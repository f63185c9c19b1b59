"""The Kubernetes API in raw JSON: what `core.target.KubernetesApi` asks for, access reviews and impersonation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

import httpx2
import orjson

from aiops.clients.discovery import Discovery
from aiops.clients.kinds import RESOURCES, Resource
from aiops.clients.kubeconfig import ClusterAccess, TokenAuth
from aiops.clients.transport import JSON, BearerAuth, HttpService, Retry
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ServiceError
from aiops.core.kubernetes_api import PatchType

PAGE = 500
"""Objects asked for at once."""

WATCH_SECONDS = 290
"""How long the server is asked to keep a watch open, in seconds."""

PATCH_TYPES: dict[PatchType, str] = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}
GONE = 410

HEADS_ALONE = httpx2.Headers({"Accept": f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"})
"""By which the server sends of a list's objects their metadata alone."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All objects of a kind, and the resource version from which a watch goes on."""

    items: list[Manifest]
    resource_version: str


class KubernetesClient:
    """Implements `KubernetesApi`. Every write carries `field_manager`."""

    def __init__(self, http: HttpService, *, field_manager: str = "aiops") -> None:
        self._http = http
        self._discovery = Discovery(http)
        self._field_manager = field_manager

    @classmethod
    def connect(cls, access: ClusterAccess, *, field_manager: str = "aiops") -> KubernetesClient:
        """A client of the cluster that a kubeconfig names (`load_access`)."""
        auth = TokenAuth(access.token) if access.token else None
        http = HttpService("Kubernetes", access.server, auth=auth, tls=access.tls, proxy=access.proxy, cluster=True)
        return cls(http, field_manager=field_manager)

    @classmethod
    def at(
        cls,
        url: str,
        *,
        token: str | None = None,
        field_manager: str = "aiops",
        transport: httpx2.AsyncBaseTransport | None = None,
        retry: Retry | None = None,
    ) -> KubernetesClient:
        """A client of the API server at `url` with a bearer token."""
        auth = BearerAuth(token) if token else None
        http = HttpService("Kubernetes", url, auth=auth, transport=transport, retry=retry, cluster=True)
        return cls(http, field_manager=field_manager)

    def reading_once(self) -> Self:
        """A client for one look, over the same connections: what is asked for twice is read once. It is not for
        whoever writes and reads again."""
        once = copy(self)
        once._http = self._http.reading_once()
        return once

    @property
    def address(self) -> str:
        """Who is spoken to, as in every error message (`Kubernetes at https://...`)."""
        return self._http.name

    async def version(self) -> str:
        """The API server's version, as it says itself (`v1.32.1`)."""
        body = await self._http.get_json("/version")
        return str(body.get("gitVersion", "")) if isinstance(body, dict) else ""

    async def whoami(self) -> tuple[str, tuple[str, ...]]:
        """The user and the groups that the API server takes the caller for, by a SelfSubjectReview."""
        group, kind = "authentication.k8s.io", "SelfSubjectReview"
        where = Resource(kind, group, "v1", "selfsubjectreviews", namespaced=False)
        answer = await self._write("POST", where.path(), where, {"apiVersion": where.api_version, "kind": kind})
        user = answer.get("status", {}).get("userInfo", {})
        return str(user.get("username", "")), tuple(user.get("groups") or ())

    async def close(self) -> None:
        await self._http.close()

    async def resource(self, kind: str) -> Resource:
        """Where a kind lives. Raises `InvalidInputError` where neither the table nor the server knows it."""
        return await self._discovery.resource(kind)

    async def get(self, entity: Entity) -> Manifest:
        resource = await self.resource(entity.kind)
        body = await self._http.get_json(resource.path(entity.namespace, entity.name))
        return _named(body, resource)

    async def list(self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> list[Manifest]:
        return (await self.listing(kind, namespace, labels=labels, fields=fields)).items

    async def listing(self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> Listing:
        """Like `list`, with the resource version of the list."""
        selectors = {"labelSelector": labels, "fieldSelector": fields}
        params = {key: value for key, value in selectors.items() if value}
        return await self._whole(await self.resource(kind), namespace, params)

    async def heads(self, kind: str, namespace: str = "") -> Sequence[Manifest]:
        """The metadata of all objects of a kind, each with its kind: what they hold stays where it is."""
        resource = await self.resource(kind)
        listing = await self._whole(resource, namespace, {}, HEADS_ALONE)
        return [{"metadata": item["metadata"], "kind": kind} for item in listing.items]

    async def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        resource = await self._discovery.resource_of(manifest)
        path = resource.path(manifest["metadata"].get("namespace", ""))
        return await self._write("POST", path, resource, manifest, dry_run=dry_run)

    async def replace(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        resource = await self._discovery.resource_of(manifest)
        meta = manifest["metadata"]
        path = resource.path(meta.get("namespace", ""), meta["name"])
        return await self._write("PUT", path, resource, manifest, dry_run=dry_run)

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType, *, dry_run: bool = False) -> Manifest:
        resource = await self.resource(entity.kind)
        path = resource.path(entity.namespace, entity.name)
        return await self._write("PATCH", path, resource, body, content_type=PATCH_TYPES[patch_type], dry_run=dry_run)

    async def delete(
        self, entity: Entity, *, uid: str | None = None, resource_version: str | None = None, dry_run: bool = False
    ) -> None:
        """With `uid` or `resource_version` only that object, or that version of it. Raises `ConflictError`."""
        resource = await self.resource(entity.kind)
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
        conditions = {"uid": uid, "resourceVersion": resource_version}
        if wanted := {key: value for key, value in conditions.items() if value}:
            options["preconditions"] = wanted
        if entity.kind == "Job":
            options["propagationPolicy"] = "Background"  # as kubectl: a Job alone leaves its pods behind by default
        if dry_run:
            # Where there is a body, the API server does not look at the query: it would really delete.
            options["dryRun"] = ["All"]
        path = resource.path(entity.namespace, entity.name)
        await self._write("DELETE", path, resource, options, dry_run=dry_run)

    async def evict(self, pod: Entity) -> None:
        """Ask for a pod's eviction. Raises `ServiceError` (429) where a disruption budget allows none."""
        resource = await self.resource(pod.kind)
        metadata = {"name": pod.name, "namespace": pod.namespace}
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
        await self._write("POST", f"{resource.path(pod.namespace, pod.name)}/eviction", resource, body)

    async def watch(
        self, kind: str, namespace: str = "", *, resource_version: str = ""
    ) -> AsyncGenerator[tuple[str, Manifest], None]:
        resource = await self.resource(kind)
        params = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(WATCH_SECONDS)}
        if resource_version:
            params["resourceVersion"] = resource_version
        path = resource.path(namespace)
        async with (
            self._http.lines(path, params, None, read_timeout=WATCH_SECONDS + 30) as lines,
            aclosing(_events(self._http.name, lines)) as events,
        ):
            async for kind_of_event, item in events:
                yield kind_of_event, _named(item, resource)

    async def logs(
        self,
        pod: Entity,
        *,
        container: str = "",
        since_seconds: int | None = None,
        tail: int | None = None,
        previous: bool = False,
    ) -> str:
        params: dict[str, str] = {"timestamps": "true"}
        if container:
            params["container"] = container
        if since_seconds is not None:
            params["sinceSeconds"] = str(max(since_seconds, 1))
        if tail is not None:
            params["tailLines"] = str(tail)
        if previous:
            params["previous"] = "true"
        path = RESOURCES["Pod"].path(pod.namespace, pod.name, "log")
        return (await self._http.get(path, params)).text

    async def can(
        self, verb: str, group: str, resource: str, subresource: str = "", namespace: str = "", name: str = ""
    ) -> tuple[bool, str]:
        """May the caller do this? The API server's answer and its reason, by a SelfSubjectAccessReview."""
        attributes = _attributes(verb, group, resource, subresource, namespace, name)
        return await self._review("SelfSubjectAccessReview", {"resourceAttributes": attributes})

    async def may(
        self,
        user: str,
        groups: Sequence[str],
        verb: str,
        group: str,
        resource: str,
        subresource: str = "",
        namespace: str = "",
        name: str = "",
    ) -> tuple[bool, str]:
        """May somebody else do this? The API server's answer and its reason, by a SubjectAccessReview."""
        attributes = _attributes(verb, group, resource, subresource, namespace, name)
        spec = {"resourceAttributes": attributes, "user": user, "groups": list(groups)}
        return await self._review("SubjectAccessReview", spec)

    async def _review(self, kind: str, spec: dict[str, Any]) -> tuple[bool, str]:
        where = Resource(kind, "authorization.k8s.io", "v1", f"{kind.lower()}s", namespaced=False)
        review = {"apiVersion": where.api_version, "kind": kind, "spec": spec}
        answer = await self._write("POST", where.path(), where, review)
        status = answer.get("status", {})
        return bool(status.get("allowed")), str(status.get("reason", ""))

    async def _whole(
        self, resource: Resource, namespace: str, params: dict[str, str], headers: httpx2.Headers | None = None
    ) -> Listing:
        try:
            return await self._pages(resource, namespace, {**params, "limit": str(PAGE)}, headers)
        except ServiceError as error:
            if error.status != GONE:
                raise
        # The token of the next page grew too old on the way: the whole list at once is the way that always ends.
        return await self._pages(resource, namespace, params, headers)

    async def _pages(
        self, resource: Resource, namespace: str, params: dict[str, str], headers: httpx2.Headers | None
    ) -> Listing:
        items: list[Manifest] = []
        page = dict(params)
        while True:
            body = await self._http.get_json(resource.path(namespace), page, headers)
            items += [_named(item, resource) for item in body.get("items") or []]
            meta = body.get("metadata", {})
            if not meta.get("continue"):
                return Listing(items, str(meta.get("resourceVersion", "")))
            page = {**params, "continue": meta["continue"]}

    async def _write(
        self,
        method: str,
        path: str,
        resource: Resource,
        body: Any,
        *,
        content_type: str = JSON,
        dry_run: bool = False,
    ) -> Manifest:
        params = {} if method == "DELETE" else {"fieldManager": self._field_manager}
        if dry_run:
            params["dryRun"] = "All"
        headers = httpx2.Headers({"Content-Type": content_type})
        response = await self._http.send(method, path, params=params, content=orjson.dumps(body), headers=headers)
        return _named(self._http.decoded(response), resource)


def _named(body: Any, resource: Resource) -> Manifest:
    """The items of a list carry neither kind nor version; ours always do."""
    item: Manifest = body
    item.setdefault("kind", resource.kind)
    item.setdefault("apiVersion", resource.api_version)
    return item


def _attributes(verb: str, group: str, resource: str, subresource: str, namespace: str, name: str) -> dict[str, str]:
    """What an access review asks about; what is empty is left out."""
    asked = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
    return {key: value for key, value in {**asked, "namespace": namespace, "name": name}.items() if value}


async def _events(name: str, lines: AsyncIterator[str]) -> AsyncGenerator[tuple[str, Manifest], None]:
    async for line in lines:
        if not line:
            continue
        try:
            event = orjson.loads(line)
            kind, item = event["type"], event["object"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise ServiceError(f"{name}: a watch event is not readable: {line[:80]!r}", 200) from error
        if kind == "ERROR":
            raise ServiceError(f"{name}: watch: {item.get('message', 'error')}", int(item.get("code", 500)))
        yield kind, item
