"""What each verb does with a stored resource. Knows no HTTP: parameters in, objects out."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.encoding.bodies import (
    APPLY,
    Body,
    FieldValidation,
    field_validation,
    patch_strictness,
    read_object,
    read_patched,
)
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.patching.patches import patched
from aiops.lab.kube.selectors import Predicate, match_labels, parse_fields, parse_labels
from aiops.lab.kube.storage.deletion import DeleteOptions
from aiops.lab.kube.storage.store import ObjectStore


def predicate(call: Call) -> Predicate:
    """The label and field selectors of a list or watch, and the name where the path has one."""
    by_label = match_labels(parse_labels(call.query.get("labelSelector", "")))
    by_field = parse_fields(call.query.get("fieldSelector", ""), call.resource)
    name = call.info.name
    return lambda item: (not name or item["metadata"]["name"] == name) and by_field(item) and by_label(item)


def list_objects(store: ObjectStore, call: Call) -> tuple[list[Manifest], dict[str, Any]]:
    """A page of objects and the list's metadata."""
    limit = _positive(call.query.get("limit", ""), "limit")
    after, revision = _continued(call.query.get("continue", ""), store.revision)
    matches = predicate(call)
    found = [o for o in store.objects(call.resource.shelf, _namespace(call), after=after) if matches(o)]
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if limit and len(found) > limit:
        metadata["continue"] = _token(revision, key_of(found[limit - 1]))
        metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return found, metadata


def _namespace(call: Call) -> str:
    return call.info.namespace if call.resource.namespaced else ""


def _token(revision: int, key: Key) -> str:
    return urlsafe_b64encode(orjson.dumps({"rv": revision, "start": key})).decode()


def _continued(token: str, now: int) -> tuple[Key | None, int]:
    if not token:
        return None, now
    try:
        value = orjson.loads(urlsafe_b64decode(token))
        namespace, name = value["start"]
        return (str(namespace), str(name)), int(value["rv"])
    except (ValueError, KeyError, TypeError) as error:
        raise errors.bad_request("continue key is not valid: the token was not given out by this server") from error


def _positive(text: str, field: str) -> int:
    if text and not text.isdecimal():
        raise errors.bad_request(f"{field}: must be a number, not negative: {text!r}")
    return int(text or 0)


def read(store: ObjectStore, call: Call) -> Manifest:
    return store.get(call.resource.shelf, *call.key)


def create(store: ObjectStore, call: Call, body: Body) -> Manifest:
    new = read_object(call.resource, body, _validation(store, call, "CreateOptions"))
    return store.create(_addressed(call, new, named=False), manager=call.manager, dry_run=call.dry_run)


def update(store: ObjectStore, call: Call, body: Body) -> Manifest:
    """Replace an object, or its status."""
    new = read_object(call.resource, body, _validation(store, call, "UpdateOptions"))
    return _write(store, call, _addressed(call, new, named=True), call.info.subresource)


def patch(store: ObjectStore, call: Call, media: str, body: Body) -> tuple[Manifest, bool]:
    """Patch an object or its status; an apply may create it. Returns the object, and whether it is new."""
    validation = _validation(store, call, "PatchOptions")
    if media == APPLY:
        return _apply(store, call, body, validation)
    old = store.get(call.resource.shelf, *call.key)
    new = read_patched(call.resource, patched(media, old, body.value), patch_strictness(body), validation)
    return _write(store, call, _addressed(call, new, named=True), call.info.subresource), False


def _validation(store: ObjectStore, call: Call, options: str) -> FieldValidation:
    return field_validation(call.query.get("fieldValidation"), options, store.writer.warn)


def _apply(store: ObjectStore, call: Call, body: Body, validation: FieldValidation) -> tuple[Manifest, bool]:
    if "fieldManager" not in call.query:
        raise errors.bad_request("fieldManager: Required value: is required for apply patch")
    return store.apply(
        _addressed(call, read_object(call.resource, body, validation), named=True),
        manager=call.manager,
        force=call.query.get("force") in ("1", "true"),
        subresource=call.info.subresource,
        dry_run=call.dry_run,
    )


def _write(store: ObjectStore, call: Call, new: Manifest, subresource: str) -> Manifest:
    return store.update(new, manager=call.manager, subresource=subresource, dry_run=call.dry_run)


def delete(store: ObjectStore, call: Call, body: Any) -> Manifest:
    return store.delete(call.resource.shelf, *call.key, delete_options(call, body), dry_run=call.dry_run)


def delete_collection(store: ObjectStore, call: Call, body: Any) -> tuple[list[Manifest], dict[str, Any]]:
    found, metadata = list_objects(store, call)
    options = delete_options(call, body)
    for item in found:
        store.delete(call.resource.shelf, *key_of(item), options, dry_run=call.dry_run)
    return found, metadata


def delete_options(call: Call, body: Any) -> DeleteOptions:
    """From the body (a DeleteOptions object), else from the query. Raises 400."""
    body = body if isinstance(body, dict) else {}
    conditions = body.get("preconditions") or {}
    if not isinstance(conditions, dict):
        raise errors.bad_request("preconditions: must be an object")
    grace: Any = body.get("gracePeriodSeconds", call.query.get("gracePeriodSeconds"))
    propagation = body.get("propagationPolicy") or call.query.get("propagationPolicy") or "Background"
    if propagation not in ("Background", "Foreground", "Orphan"):
        raise errors.bad_request(f"propagationPolicy: Unsupported value: {propagation!r}")
    if grace is not None and not str(grace).isdecimal():
        raise errors.bad_request(f"gracePeriodSeconds: must be a number, not negative: {grace!r}")
    return DeleteOptions(
        grace_seconds=None if grace is None else int(grace),
        propagation=propagation,
        uid=conditions.get("uid") or "",
        resource_version=conditions.get("resourceVersion") or "",
    )


def _addressed(call: Call, body: Manifest, *, named: bool) -> Manifest:
    """The object with the path's namespace and name. Raises 400 where it says something else."""
    resource = call.resource
    metadata = dict(body.get("metadata") or {})
    given = metadata.get("namespace") or call.info.namespace
    if resource.namespaced and given != call.info.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if named and metadata.setdefault("name", call.info.name) != call.info.name:
        what = f"the name of the object ({metadata['name']}) does not match the name on the URL ({call.info.name})"
        raise errors.bad_request(what)
    if resource.namespaced:
        metadata["namespace"] = call.info.namespace
    return {**body, "metadata": metadata}


def of_kind(resource: Resource, value: Any) -> Manifest:
    """A parsed body as an object of a kind, each field of its type. Raises 400."""
    return read_object(resource, Body(value), FieldValidation())
