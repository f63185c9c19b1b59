"""Paths and operations of resources, with the parameters that clients look for (`fieldValidation`, `dryRun`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.lab.kube.discovery.subresources import part_of
from aiops.lab.kube.kinds.resources import Resource

Operation = dict[str, Any]

_METHODS = {"get": "get", "list": "get", "create": "post", "update": "put", "patch": "patch", "delete": "delete",
            "deletecollection": "delete"}  # fmt: skip
_SAID = {"get": "read the specified {}", "list": "list or watch objects of kind {}", "create": "create a {}",
         "update": "replace the specified {}", "patch": "partially update the specified {}", "delete": "delete a {}",
         "deletecollection": "delete collection of {}"}  # fmt: skip
_IDS = {"get": "read", "update": "replace", "deletecollection": "deletecollection"}
_ACTIONS = {"create": "post", "update": "put"}
_PARAMETERS: dict[str, str] = {
    "allowWatchBookmarks": "boolean", "continue": "string", "dryRun": "string", "fieldManager": "string",
    "fieldSelector": "string", "fieldValidation": "string", "force": "boolean", "gracePeriodSeconds": "integer",
    "labelSelector": "string", "limit": "integer", "orphanDependents": "boolean", "pretty": "string",
    "propagationPolicy": "string", "resourceVersion": "string", "resourceVersionMatch": "string",
    "sendInitialEvents": "boolean", "timeoutSeconds": "integer", "watch": "boolean",
}  # fmt: skip
_LISTED = ("allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "resourceVersion",
           "resourceVersionMatch", "sendInitialEvents", "timeoutSeconds", "watch")  # fmt: skip
_WRITTEN = ("dryRun", "fieldManager", "fieldValidation")
_DELETED = ("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy")
_TAKES = {"list": _LISTED, "create": _WRITTEN, "update": _WRITTEN, "patch": (*_WRITTEN, "force"), "delete": _DELETED,
          "deletecollection": (*_DELETED, *_LISTED[1:8])}  # fmt: skip
_COLLECTION, _ONE = ("list", "create", "deletecollection"), ("get", "update", "patch", "delete")
_MEDIA = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_PATCHES = ("application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
            "application/apply-patch+yaml")  # fmt: skip

Ref = Callable[[str, str, str], dict[str, Any]]
"""(group, version, kind) -> a reference to its schema."""


def paths_of(resource: Resource, ref: Ref, *, v3: bool) -> dict[str, Any]:
    """Every path of a resource and its subresources, with its operations."""
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    inside = f"{root}/namespaces/{{namespace}}" if resource.namespaced else root
    found = {
        f"{inside}/{resource.plural}": _item(resource, _COLLECTION, ref, v3, named=False),
        f"{inside}/{resource.plural}/{{name}}": _item(resource, _ONE, ref, v3, named=True),
    }
    if resource.namespaced:
        found[f"{root}/{resource.plural}"] = _item(resource, ("list",), ref, v3, named=False, everywhere=True)
    for name in resource.subresources:
        part = part_of(resource, name)
        group, version = (part.group, part.version) if part.version else (resource.group, resource.version)
        own = Resource(part.kind, resource.plural, group, version, resource.namespaced, verbs=part.verbs)
        path = f"{inside}/{resource.plural}/{{name}}/{name}"
        found[path] = _item(own, ("get", "create", "update", "patch"), ref, v3, named=True, of=resource, part=name)
    return {path: item for path, item in found.items() if len(item) > 1}


def _item(
    resource: Resource, verbs: tuple[str, ...], ref: Ref, v3: bool, *, named: bool, everywhere: bool = False,
    of: Resource | None = None, part: str = "",
) -> dict[str, Any]:  # fmt: skip
    item: dict[str, Any] = {}
    for verb in verbs:
        if verb in resource.verbs:
            item[_METHODS[verb]] = _operation(
                resource, verb, ref, v3, everywhere=everywhere, of=of or resource, part=part
            )
    parameters = [_parameter("name", "path", "string", v3)] if named else []
    if resource.namespaced and not everywhere:
        parameters.append(_parameter("namespace", "path", "string", v3))
    return {**item, "parameters": [*parameters, _parameter("pretty", "query", "string", v3)]}


def _operation(
    resource: Resource, verb: str, ref: Ref, v3: bool, *, everywhere: bool, of: Resource, part: str
) -> Operation:
    api = f"{(of.group.split('.')[0] or 'core').capitalize()}{of.version.capitalize()}"
    scope = "Namespaced" if of.namespaced and not everywhere else ""
    subject = f"{scope}{of.kind}{part.capitalize()}{'ForAllNamespaces' if everywhere else ''}"
    answered = resource.list_kind if verb == "list" else "Status" if verb.startswith("delete") else resource.kind
    answer = ref("", "v1", "Status") if answered == "Status" else ref(resource.group, resource.version, answered)
    operation: Operation = {
        "tags": [f"{of.group.split('.')[0] or 'core'}_{of.version}"],
        "description": _SAID[verb].format(resource.kind),
        "operationId": f"{_IDS.get(verb, verb)}{api}{subject}",
        "parameters": [_parameter(name, "query", _PARAMETERS[name], v3) for name in _TAKES.get(verb, ())],
        "responses": _responses(verb, answer, v3),
        "x-kubernetes-action": _ACTIONS.get(verb, verb),
        "x-kubernetes-group-version-kind": {
            "group": resource.group, "version": resource.version, "kind": resource.kind,
        },
    }  # fmt: skip
    taken = _taken(resource, verb, ref)
    if taken and v3:
        media = _patches(of) if verb == "patch" else ("*/*",)
        operation["requestBody"] = {"content": {each: {"schema": taken} for each in media}}
    elif taken:
        operation["consumes"] = list(_patches(of)) if verb == "patch" else ["*/*"]
        operation["parameters"].append({"name": "body", "in": "body", "schema": taken})
    return operation


def _patches(resource: Resource) -> tuple[str, ...]:
    """Custom kinds have no types that a strategic merge could go by; nor does the server take one for their scale."""
    return tuple(media for media in _PATCHES if not (resource.custom and "strategic" in media))


def _taken(resource: Resource, verb: str, ref: Ref) -> dict[str, Any] | None:
    """The schema of the body that a verb takes."""
    if verb in ("create", "update"):
        return ref(resource.group, resource.version, resource.kind)
    if verb.startswith("delete"):
        return ref("", "v1", "DeleteOptions")
    return {"type": "object"} if verb == "patch" else None


def _responses(verb: str, answer: dict[str, Any], v3: bool) -> dict[str, Any]:
    said = {"200": "OK", **({"201": "Created"} if verb in ("create", "update", "patch") else {}), "401": "Unauthorized"}
    found: dict[str, Any] = {}
    for status, text in said.items():
        found[status] = {"description": text}
        if status != "401":
            found[status] |= {"content": {each: {"schema": answer} for each in _MEDIA}} if v3 else {"schema": answer}
    return found


def _parameter(name: str, place: str, kind: str, v3: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": kind, "uniqueItems": True}
    parameter: dict[str, Any] = {"name": name, "in": place, **({"schema": shape} if v3 else shape)}
    return {**parameter, "required": True} if place == "path" else parameter
