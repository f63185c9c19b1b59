"""What each verb does with a stored resource. Knows no HTTP: parameters in, objects out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.datastructures import QueryParams

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.deleting import delete_options
from aiops.lab.kube.api.lists import check_not_future, list_page
from aiops.lab.kube.api.options import ListOptions, is_true, version_problem
from aiops.lab.kube.encoding.bodies import APPLY, Body, FieldValidation, field_validation, read_object
from aiops.lab.kube.encoding.patchbodies import patch_strictness, read_configuration, read_patched
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.conversion import to_version
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import key_of
from aiops.lab.kube.patching.managed import RESET
from aiops.lab.kube.patching.merging import Field, merging_of
from aiops.lab.kube.patching.patches import JSON_PATCH, MERGE, STRATEGIC, patched
from aiops.lab.kube.storage.deletion import JOB_WARNING
from aiops.lab.kube.storage.store import ObjectStore

_CREATED_BY_UPDATES = frozenset(
    ("RuntimeClass", "RoleBinding", "ClusterRoleBinding", "Role", "ClusterRole", "Lease", "LimitRange", "Event",
     "Service", "Endpoints")
)  # fmt: skip
"""Kinds of which a PUT creates what is missing."""

_CONDITIONAL = frozenset(
    ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "Lease", "RuntimeClass", "PodDisruptionBudget",
     "CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "APIService", "CustomResourceDefinition")
)  # fmt: skip
"""Kinds of which a PUT must say which version it replaces."""

_RETURNED_WHEN_DELETED = frozenset(
    ("ResourceClaimTemplate", "ResourceSlice", "ResourceClaim", "DeviceClass", "CSIDriver", "StorageClass",
     "VolumeAttachment", "CSINode", "VolumeAttributesClass", "ResourceQuota", "PersistentVolume", "ServiceAccount",
     "PersistentVolumeClaim", "Namespace", "Pod", "Service", "PodTemplate")
)  # fmt: skip
"""Kinds of which a deletion shows the object in any case."""

_NO_SUCH_UID = "uid mismatch: the provided object specified uid {}, and no existing object was found"


def read(store: ObjectStore, call: Call) -> Manifest:
    """One object. Raises 404, 500 for a version that is none, 504 for one of the future."""
    version = call.query.get("resourceVersion", "")
    if wrong := version_problem(version):
        raise errors.broken(wrong)
    check_not_future(store, int(version or 0))
    return store.get(call.resource.shelf, *call.key)


def create(store: ObjectStore, call: Call, body: Body) -> Manifest:
    new = read_object(call.resource, body, _validation(store, call, "CreateOptions"))
    if (new.get("metadata") or {}).get("resourceVersion"):
        raise errors.broken("resourceVersion should not be set on objects to be created")
    new = _owned_once(store, _addressed(call, new, named=False))
    return store.create(new, manager=call.manager, dry_run=call.dry_run)


def update(store: ObjectStore, call: Call, body: Body) -> tuple[Manifest, bool]:
    """Replace an object, or its status; some kinds are created where they are missing. Returns the object, and whether
    it is new."""
    resource, subresource = call.resource, call.info.subresource
    new = read_object(resource, body, _validation(store, call, "UpdateOptions"))
    new = _owned_once(store, _addressed(call, _with_reset(new, body.value), named=True))
    if resource.kind in _CREATED_BY_UPDATES and not subresource and store.find(resource.shelf, *call.key) is None:
        if new["metadata"].get("uid"):
            raise errors.conflict(resource, call.info.name, _NO_SUCH_UID.format(new["metadata"]["uid"]))
        return store.create(new, manager=call.manager, dry_run=call.dry_run), True
    store.get(resource.shelf, *call.key)
    conditional = resource.kind in _CONDITIONAL or resource.custom is not None
    if conditional and str(new["metadata"].get("resourceVersion") or "0") == "0":
        cause = errors.Cause(
            "FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion"
        )
        raise errors.invalid(replace(resource, kind=resource.plural), call.info.name, [cause])
    return _write(store, call, new, subresource), False


_OF_CUSTOM = f"{JSON_PATCH}, {MERGE}, {APPLY}"
"""The patches that custom kinds take."""


def patch(store: ObjectStore, call: Call, media: str, body: Body) -> tuple[Manifest, bool]:
    """Patch an object or its status; an apply may create it. Returns the object, and whether it is new."""
    validation = _validation(store, call, "PatchOptions")
    if media == APPLY:
        return _apply(store, call, body)
    resource = call.resource
    if media == STRATEGIC and resource.custom is not None:
        raise errors.unsupported_media(_OF_CUSTOM)
    old = to_version(store.get(resource.shelf, *call.key), resource, store.catalog.stored(resource.shelf))
    value = patched(media, old, body.value, merging_for(store, resource))
    changes = body.value if media == STRATEGIC else None
    new = read_patched(resource, value, patch_strictness(body), validation, changes)
    new = _addressed(call, _with_reset(new, value), named=True)
    new = _owned_once(store, new, " after mutating admission happens")
    return _write(store, call, new, call.info.subresource, by_patch=True), False


_TWICE = (
    ".metadata.ownerReferences contains duplicate entries{}; API server dedups owner references in 1.20+, and may "
    "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}"
)


def _owned_once(store: ObjectStore, new: Manifest, when: str = "") -> Manifest:
    """The object with each owner once; the writer is warned of those that it names twice."""
    owners = new["metadata"].get("ownerReferences") or []
    once = [owner for index, owner in enumerate(owners) if owner not in owners[:index]]
    if len(once) == len(owners):
        return new
    twice = dict.fromkeys(str(owner.get("uid", "")) for owner in owners if owners.count(owner) > 1)
    store.writer.warn(_TWICE.format(when, ", ".join(twice)))
    return {**new, "metadata": {**new["metadata"], "ownerReferences": once}}


def _with_reset(new: Manifest, raw: Any) -> Manifest:
    """The decoded object, with the empty list of managers that the one as sent may have."""
    metadata = raw.get("metadata") if isinstance(raw, dict) else None
    if isinstance(metadata, dict) and metadata.get("managedFields") in RESET:
        return {**new, "metadata": {**new["metadata"], "managedFields": []}}
    return new


def _validation(store: ObjectStore, call: Call, options: str) -> FieldValidation:
    return field_validation(call.query.get("fieldValidation"), options, store.writer.warn)


def _apply(store: ObjectStore, call: Call, body: Body) -> tuple[Manifest, bool]:
    resource = call.resource
    config = body.value if isinstance(body.value, dict) else {}
    version, kind = str(config.get("apiVersion") or ""), str(config.get("kind") or "")
    if (version, kind) != (resource.api_version, resource.kind):
        group, _, number = version.rpartition("/")
        raise errors.bad_request(f"invalid object type: {group}/{number}, Kind={kind}")
    if "managedFields" in (config.get("metadata") or {}):
        raise errors.bad_request("metadata.managedFields must be nil")
    new = _addressed(call, read_configuration(resource, body), named=False)
    name = new["metadata"].setdefault("name", call.info.name)
    if name != call.info.name:
        raise _other_name(name, call.info.name)
    uid = new["metadata"].get("uid")
    if uid and not call.info.subresource and store.find(resource.shelf, *call.key) is None:
        raise errors.conflict(resource, name, _NO_SUCH_UID.format(uid))
    return store.apply(
        new,
        manager=call.manager,
        force=is_true(call.query.get("force")),
        subresource=call.info.subresource,
        dry_run=call.dry_run,
    )


def _write(store: ObjectStore, call: Call, new: Manifest, subresource: str, *, by_patch: bool = False) -> Manifest:
    return store.update(new, manager=call.manager, subresource=subresource, patched=by_patch, dry_run=call.dry_run)


def delete(store: ObjectStore, call: Call, body: Any, query: QueryParams) -> Manifest:
    """Delete an object: a Status that names it where it is gone, else the object, as each kind answers."""
    options = delete_options(body, query)
    resource = call.resource
    if resource.kind == "Job" and not options.propagation:
        store.writer.warn(JOB_WARNING)
    left, gone = store.delete_or_mark(resource.shelf, *call.key, options)
    if not gone or resource.kind in _RETURNED_WHEN_DELETED:
        return left
    group = {"group": resource.group} if resource.group else {}
    details = {"name": call.info.name, **group, "kind": resource.plural, "uid": left["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def delete_collection(
    store: ObjectStore, call: Call, options: ListOptions, body: Any, query: QueryParams
) -> tuple[list[Manifest], dict[str, Any]]:
    """Delete everything that a list gives; the objects as they were listed."""
    wanted = delete_options(body, query)
    found, metadata = list_page(store, call, options)
    for item in found:
        if store.find(call.resource.shelf, *key_of(item)) is not None:
            store.delete_or_mark(call.resource.shelf, *key_of(item), wanted)
    return found, metadata


def _addressed(call: Call, body: Manifest, *, named: bool) -> Manifest:
    """The object with the path's namespace and name. Raises 400 where it says something else."""
    resource = call.resource
    metadata = dict(body.get("metadata") or {})
    given = metadata.get("namespace") or call.info.namespace
    if resource.namespaced and given != call.info.namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if named and not metadata.get("name"):
        what = f"the name of the object ({call.info.name} based on URL) was undeterminable: name must be provided"
        raise errors.bad_request(what)
    if named and metadata["name"] != call.info.name:
        raise _other_name(metadata["name"], call.info.name)
    if resource.namespaced:
        metadata["namespace"] = call.info.namespace
    return {**body, "metadata": metadata}


def _other_name(given: str, wanted: str) -> ApiError:
    return errors.bad_request(f"the name of the object ({given}) does not match the name on the URL ({wanted})")


def of_kind(resource: Resource, value: Any) -> Manifest:
    """A parsed body as an object of a kind, each field of its type. Raises 400."""
    return read_object(resource, Body(value), FieldValidation())


def merging_for(store: ObjectStore, resource: Resource) -> Field:
    """How objects of a kind merge."""
    return store.mergings.get(resource.shelf) or merging_of(resource.api_version, resource.kind)
