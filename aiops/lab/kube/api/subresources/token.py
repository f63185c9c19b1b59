"""`serviceaccounts/token`: a token for a service account, as a TokenRequest asks for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.access.tokens import AUDIENCE
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, optional_body
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.virtual import with_fields
from aiops.lab.kube.errors import ApiError, bad_request, method_not_allowed, not_found
from aiops.lab.kube.storage.store import ObjectStore

_GROUP = "authentication.k8s.io"
_HOUR = 3600
_SHORTEST = 600
_LONGEST = 1 << 32
_BOUND = {"Pod": "pod", "Secret": "secret", "Node": "node"}


async def answer(server: Server, call: Call, request: Request) -> Response:
    """POST of a TokenRequest. Raises 400, 404, 405, 409, 422."""
    if call.info.verb != "create":
        raise method_not_allowed()
    body = await optional_body(request, "TokenRequest")
    if body is not None and not isinstance(body, dict):
        raise bad_request("the body of the request is no object")
    return json_answer(_token_request(server, call, body or {}), 201)


def _token_request(server: Server, call: Call, body: Manifest) -> Manifest:
    store, (namespace, name) = server.store, call.key
    metadata, spec = dict(body.get("metadata") or {}), dict(body.get("spec") or {})
    for field, value in (("name", name), ("namespace", namespace)):
        if (metadata.get(field) or value) != value:
            what = f"must match the service account {field} if specified"
            raise _invalid(name, f"metadata.{field}", f'"{metadata[field]}"', what)
    account = store.get("ServiceAccount", namespace, name)
    uid = account["metadata"]["uid"]
    if (metadata.get("uid") or uid) != uid:
        raise _conflict("TokenRequest", name, "token request", "service account", metadata["uid"], uid)
    seconds = spec.get("expirationSeconds") or _HOUR
    if seconds < _SHORTEST:
        raise _invalid("", "spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > _LONGEST:
        raise _invalid("", "spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    bound = _bound(store, namespace, name, spec.get("boundObjectRef"))
    audiences = list(spec.get("audiences") or ()) or [AUDIENCE]
    request = store.attributes("CREATE", call.resource, call.key, body, subresource="token", dry_run=call.dry_run)
    token_id = str(UUID(int=request.rng.getrandbits(128), version=4))
    now = store.now()
    token = server.issuer.issue(account, seconds, audiences, bound, token_id)
    asked = {"kind": "TokenRequest", "apiVersion": f"{_GROUP}/v1", "spec": {**spec, "expirationSeconds": seconds}}
    fields = with_fields(store, call, asked)["metadata"]
    return {
        "kind": "TokenRequest",
        "apiVersion": f"{_GROUP}/v1",
        "metadata": {"name": name, "namespace": namespace, "uid": uid, "creationTimestamp": rfc3339(now), **fields},
        "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": spec.get("boundObjectRef")},
        "status": {"token": token, "expirationTimestamp": rfc3339(now + seconds)},
    }


def _bound(store: ObjectStore, namespace: str, account: str, reference: dict[str, Any] | None) -> dict[str, Manifest]:
    """The object that a token is bound to, and the node of a pod. Raises 400, 404, 409."""
    if not reference:
        return {}
    kind, name = reference.get("kind", ""), reference.get("name", "")
    if kind not in _BOUND or reference.get("apiVersion") != "v1":
        group, _, version = str(reference.get("apiVersion", "")).rpartition("/")
        raise bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    found = store.find(kind, "" if kind == "Node" else namespace, name)
    if found is None:
        raise not_found(store.catalog.stored(kind), name)
    if kind == "Pod" and found["spec"].get("serviceAccountName") != account:
        what = f'cannot bind token for serviceaccount "{account}" to pod running with different serviceaccount name.'
        raise bad_request(what)
    uid = found["metadata"]["uid"]
    if (reference.get("uid") or uid) != uid:
        raise _conflict(kind, name, "bound object reference", "", reference["uid"], uid)
    bound = {_BOUND[kind]: found}
    node = store.find("Node", "", found["spec"].get("nodeName", "")) if kind == "Pod" else None
    return {"node": node, **bound} if node else bound


def _invalid(name: str, field: str, shown: object, why: str) -> ApiError:
    message = f"Invalid value: {shown}: {why}"
    cause = {"reason": "FieldValueInvalid", "message": message, "field": field}
    details = {"name": name, "group": _GROUP, "kind": "TokenRequest", "causes": [cause]}
    details = {key: value for key, value in details.items() if value}
    return ApiError(422, "Invalid", f'TokenRequest.{_GROUP} "{name}" is invalid: {field}: {message}', details)


def _conflict(kind: str, name: str, where: str, of: str, given: str, actual: str) -> ApiError:
    group = _GROUP if kind == "TokenRequest" else ""
    if of:
        why = f"the UID in the {where} ({given}) does not match the UID of the {of} ({actual})"
    else:
        why = (
            f"the UID in the {where} ({given}) does not match the UID in record. The object might have been deleted "
            "and then recreated"
        )
    qualified = f"{kind}.{group}" if group else kind
    details = {key: value for key, value in (("name", name), ("group", group), ("kind", kind)) if value}
    return ApiError(409, "Conflict", f'Operation cannot be fulfilled on {qualified} "{name}": {why}', details)
