"""Answers to create, update, patch and the deletions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from aiops.lab.kube import errors
from aiops.lab.kube.api import verbs
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, media_of, optional_body, parsed_body
from aiops.lab.kube.api.options import check_write, list_options
from aiops.lab.kube.api.shaping import shape_of
from aiops.lab.kube.encoding.bodies import APPLY
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.storage.store import ObjectStore


async def answer(store: ObjectStore, call: Call, request: Request) -> Response:
    """Answer a write to a resource, or to a part of it that is written like the whole. Raises ApiError."""
    shape = shape_of(call, request, store.catalog)
    verb, query = call.info.verb, request.query_params
    if verb == "create" and not call.info.name:
        check_write("CreateOptions", query)
        new = verbs.create(store, call, await parsed_body(request, call.resource.kind))
        return json_answer(shape.one(new, store.now()), 201)
    if verb == "update" and call.info.name:
        check_write("UpdateOptions", query)
        new, created = verbs.update(store, call, await parsed_body(request, call.resource.kind))
        return json_answer(shape.one(new, store.now()), 201 if created else 200)
    if verb == "patch" and call.info.name:
        media = media_of(request)
        patch = await parsed_body(request, call.resource.kind)
        check_write("PatchOptions", query, applies=media == APPLY, patches=True)
        new, created = verbs.patch(store, call, media, patch)
        return json_answer(shape.one(new, store.now()), 201 if created else 200)
    if verb == "delete" and not call.info.subresource:
        done = verbs.delete(store, call, await _options_body(request), query)
        return json_answer(done if done["kind"] == "Status" else shape.one(done, store.now()))
    if verb == "deletecollection" and not call.info.subresource:
        options = list_options(query)
        body = await _options_body(request)
        items, metadata = verbs.delete_collection(store, call, options, body, query)
        return json_answer(shape.many(items, store.now(), metadata))
    raise errors.method_not_allowed()


async def _options_body(request: Request) -> Any:
    """DeleteOptions in a body, where there is one. Raises 400 in the shorter words that their decoder has."""
    try:
        return await optional_body(request, "DeleteOptions")
    except ApiError as error:
        if error.status != 400:
            raise
        text = str(error).removeprefix("the object provided is unrecognized (must be of type DeleteOptions): ")
        raise errors.bad_request(text.rpartition(" (")[0] if text.endswith(")") else text) from error
