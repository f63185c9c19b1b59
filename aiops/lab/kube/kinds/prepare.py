"""What happens to every object before it is stored, in the order of Kubernetes' registry.

Decoding fills in defaults; admission may change the object; then the system sets what is its own, and all wrong fields
are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.errors import ApiError, Cause
from aiops.lab.kube.kinds.checks.formats import path_segment
from aiops.lab.kube.kinds.checks.metadata import kube_finalizers, metadata_update, object_metadata
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.kinds.rules.base import Reader, RefusedError, Rules, rules_of

__all__ = [
    "Reader",
    "prepare_create",
    "prepare_update",
    "set_defaults",
    "validate_create",
    "validate_update",
    "warnings",
]

_EXTENSIONS = ("apiextensions.k8s.io", "apiregistration.k8s.io")
BINDING = "binding"
"""The subresource that gives a pod its node; it makes no new generation."""

_WRONG_TYPE = (AttributeError, KeyError, TypeError)
"""A field of another JSON type than its kind has; the real server fails to decode such a body."""


def set_defaults(resource: Resource, new: Manifest) -> None:
    """Fill in what the caller left out, in place. Raises 400 for a field of a wrong type."""
    try:
        _rules(resource).default(new)
    except _WRONG_TYPE as error:
        raise _undecodable(resource, error) from error


def prepare_create(reader: Reader, resource: Resource, new: Manifest) -> None:
    """Set what the system decides, in place: initial status, generation, addresses. Raises 422."""
    rules = _rules(resource)
    if resource.has_status and rules.drops_status:
        new.pop("status", None)
    if resource.generation:
        new["metadata"]["generation"] = 1
    try:
        rules.prepare_create(new, reader)
    except RefusedError as refused:
        raise errors.invalid(resource, new["metadata"]["name"], refused.causes) from refused
    except _WRONG_TYPE as error:
        raise _undecodable(resource, error) from error


def validate_create(resource: Resource, new: Manifest) -> None:
    """Tell every wrong field of a new object. Raises 422."""
    rules = _rules(resource)
    metadata = new["metadata"]
    try:
        wrong = list(object_metadata(metadata, resource.namespaced, rules.name_format))
        if _is_core(resource):
            wrong += kube_finalizers(metadata)
        wrong += rules.validate(new)
    except _WRONG_TYPE as error:
        raise _undecodable(resource, error) from error
    _refuse(resource, new, wrong)


def prepare_update(reader: Reader, resource: Resource, new: Manifest, old: Manifest, subresource: str = "") -> None:
    """Keep what this write can't change, in place: the status, or with `subresource="status"` all else."""
    rules = _rules(resource)
    if subresource == "status":
        for field in {*new, *old} - {"metadata", "status"}:
            if field in old:
                new[field] = old[field]
            else:
                del new[field]
        rules.prepare_status(new, old, reader)
        _keep_generation(resource, new, old)
        return
    if resource.has_status and subresource not in rules.status_subresources:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]
    try:
        if subresource:
            rules.prepare_subresource(new, old, subresource)
        else:
            rules.prepare_update(new, old, reader)
        _keep_generation(resource, new, old)
        if resource.generation and subresource != BINDING and rules.counts_change(new, old):
            new["metadata"]["generation"] = old["metadata"].get("generation", 1) + 1
    except RefusedError as refused:
        raise errors.invalid(resource, new["metadata"]["name"], refused.causes) from refused
    except _WRONG_TYPE as error:
        raise _undecodable(resource, error) from error


def _is_core(resource: Resource) -> bool:
    """Is the kind served by the API server proper, and not by those of extensions within it?"""
    return resource.custom is None and resource.group not in _EXTENSIONS


def _rules(resource: Resource) -> Rules:
    """A built-in kind's rules, or those of the definition of a custom one."""
    found: Rules = resource.custom.rules if resource.custom is not None else rules_of(resource.shelf)
    return found


def _keep_generation(resource: Resource, new: Manifest, old: Manifest) -> None:
    new["metadata"].pop("generation", None)
    if resource.generation or "generation" in old["metadata"]:
        new["metadata"]["generation"] = old["metadata"].get("generation", 1)


def validate_update(resource: Resource, new: Manifest, old: Manifest, subresource: str = "") -> None:
    """Tell every wrong field of an object that takes the place of another. Raises 422."""
    rules = _rules(resource)
    try:
        wrong = list(object_metadata(new["metadata"], resource.namespaced, path_segment))
        # The registry asks for these, then the strategy of the kind does: they are told twice.
        wrong += [*metadata_update(new, old)] * 2
        if _is_core(resource):
            wrong += kube_finalizers(new["metadata"])
        if subresource == "status":
            wrong += rules.validate_status(new, old)
        elif subresource and subresource != "scale":
            wrong += rules.validate_subresource(new, old, subresource)
        else:
            wrong += rules.validate_update(new, old)
    except _WRONG_TYPE as error:
        raise _undecodable(resource, error) from error
    _refuse(resource, new, wrong)


def warnings(resource: Resource, new: Manifest) -> Iterable[str]:
    """What is accepted of an object, and told to whoever writes it."""
    return _rules(resource).warnings(new)


def _refuse(resource: Resource, new: Manifest, wrong: Iterable[Cause]) -> None:
    found = list(wrong)
    if found:
        raise errors.invalid(resource, str(new["metadata"].get("name", "")), found)


def _undecodable(resource: Resource, error: Exception) -> ApiError:
    what = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: {error}'
    return errors.bad_request(what)
