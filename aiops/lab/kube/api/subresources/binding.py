"""`pods/binding`: how a scheduler gives a pod its node."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, read_body
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.errors import bad_request, invalid, method_not_allowed
from aiops.lab.kube.kinds.checks.causes import not_supported, required
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.storage.binding import bind

_BINDING = Resource("Binding", "bindings")


async def answer(server: Server, call: Call, request: Request) -> Response:
    """POST of a Binding. Raises 400, 404, 405, 409, 422."""
    if call.info.verb != "create":
        raise method_not_allowed()
    body = await read_body(request)
    metadata, target = body.get("metadata") or {}, body.get("target") or {}
    if metadata.get("name") != call.info.name:
        raise bad_request("name in URL does not match name in Binding object")
    wrong = []
    if target.get("kind") not in (None, "", "Node"):
        wrong.append(not_supported("target.kind", target["kind"], ("", "Node")))
    if not target.get("name"):
        wrong.append(required("target.name"))
    if wrong:
        raise invalid(_BINDING, call.info.name, wrong)
    pod = server.store.get("Pod", *call.key)
    annotations = metadata.get("annotations") or {}
    bind(server.store, pod, target["name"], manager=call.manager, annotations=annotations, dry_run=call.dry_run)
    return json_answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)
