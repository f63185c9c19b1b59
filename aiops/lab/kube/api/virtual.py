"""Kinds that are answered and never stored: reviews of access, of tokens and of oneself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.access import reviews
from aiops.lab.kube.api import verbs
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, read_body
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.patching.managed import Write as FieldWrite
from aiops.lab.kube.patching.managed import updated
from aiops.lab.kube.patching.merging import empty_of, merging_of
from aiops.lab.kube.storage.store import ObjectStore


async def answer(server: Server, call: Call, request: Request) -> Response:
    """POST of a review. Raises 400, 405, 422."""
    if call.info.verb != "create" or call.info.name:
        raise errors.method_not_allowed()
    body = with_fields(server.store, call, verbs.of_kind(call.resource, await read_body(request, call.resource.kind)))
    return json_answer(_reviewed(server, call, body), 201)


def with_fields(store: ObjectStore, call: Call, body: Manifest) -> Manifest:
    """The object with the fields that its sender manages, as if it were stored."""
    version, kind = body["apiVersion"], body["kind"]
    ignored = ("status",)
    write = FieldWrite(
        call.manager, rfc3339(store.now()), version, merging_of(version, kind), call.info.subresource, ignored
    )
    entries = updated([], empty_of(version, kind), body, write)
    metadata = {**(body.get("metadata") or {}), **({"managedFields": entries} if entries else {})}
    return {**body, "metadata": metadata}


def _reviewed(server: Server, call: Call, body: Manifest) -> Manifest:
    kind, store = call.resource.kind, server.store
    if kind == "SelfSubjectReview":
        return reviews.review_self(body, call.user, store.now())
    if kind == "SelfSubjectRulesReview":
        return reviews.review_rules(store, body, call.user)
    if kind == "TokenReview":
        return reviews.review_token(server.issuer, server.tokens, body)
    if kind.endswith("SubjectAccessReview"):
        return reviews.review_access(store, body, call.user, call.info.namespace)
    raise errors.method_not_allowed()
