"""`scale`: how many replicas a workload has, in the same form for every kind."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.entity import Manifest
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, media_of, read_body
from aiops.lab.kube.api.options import check_write
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.shaping import shape_of
from aiops.lab.kube.errors import bad_request, invalid, method_not_allowed
from aiops.lab.kube.kinds.checks.causes import NEGATIVE, invalid_value
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.kinds.scale import scale_of, with_replicas
from aiops.lab.kube.patching.patches import patched
from aiops.lab.kube.storage.store import ObjectStore

_SCALE = Resource("Scale", "scales", "autoscaling")


async def answer(server: Server, call: Call, request: Request) -> Response:
    """GET, PUT and PATCH of a Scale. Raises 400, 404, 405, 409, 422."""
    store = server.store
    if call.info.verb == "get":
        shown = scale_of(call.resource, store.get(call.resource.shelf, *call.key))
        return json_answer(shape_of(call, request, store.catalog).one(shown, store.now()))
    if call.info.verb not in ("update", "patch"):
        raise method_not_allowed()
    patches = call.info.verb == "patch"
    body = await read_body(request)
    check_write("PatchOptions" if patches else "UpdateOptions", request.query_params, patches=patches)
    workload = store.get(call.resource.shelf, *call.key)
    if call.info.verb == "patch":
        body = patched(media_of(request), scale_of(call.resource, workload), body)
    if not isinstance(body, dict):
        raise bad_request("the body of the request is no object")
    return json_answer(scale_of(call.resource, _written(store, call, with_scale(workload, body, call))))


def _written(store: ObjectStore, call: Call, workload: Manifest) -> Manifest:
    return store.update(workload, manager=call.manager, subresource="scale", patched=True, dry_run=call.dry_run)


def with_scale(workload: Manifest, scale: Manifest, call: Call) -> Manifest:
    """The workload with the replicas of a Scale object, to be written at the Scale's revision. Raises 400."""
    if not all(isinstance(scale.get(part) or {}, dict) for part in ("metadata", "spec")):
        raise bad_request("metadata and spec of a Scale must be objects")
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    metadata = {**workload["metadata"]}
    if revision := (scale.get("metadata") or {}).get("resourceVersion"):
        metadata["resourceVersion"] = revision
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise bad_request(f"spec.replicas: not a number: {replicas!r}")
    if replicas < 0:
        wrong = invalid_value("spec.replicas", replicas, NEGATIVE)
        raise invalid(_SCALE, workload["metadata"]["name"], [wrong])
    return with_replicas(call.resource, {**workload, "metadata": metadata}, replicas)
