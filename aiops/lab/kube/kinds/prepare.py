"""What happens to every object before it is stored: defaults, allocation, validation."""

from __future__ import annotations

from typing import Protocol

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.kinds.allocation import allocate
from aiops.lab.kube.kinds.defaults import set_defaults
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.kinds.validation import problems, update_problems
from aiops.lab.kube.schema.shapes import check_shape


class Reader(Protocol):
    """The reads that preparing an object needs."""

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


def complete(reader: Reader, resource: Resource, manifest: Manifest, old: Manifest | None = None) -> Manifest:
    """Fill in what the caller left out. `manifest` is the caller's own copy and is changed."""
    check_shape(manifest)
    try:
        wrong = problems(resource, manifest)
        if wrong:
            raise errors.invalid(resource, str(manifest["metadata"].get("name", "")), wrong)
        set_defaults(resource.kind, manifest)
        allocate(reader, resource.kind, manifest, old)
    except (AttributeError, KeyError, TypeError) as error:
        # A field of another JSON type than its kind has: the real server fails to decode such a body.
        what = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: {error}'
        raise errors.bad_request(what) from error
    return manifest


def check_update(resource: Resource, new: Manifest, old: Manifest) -> None:
    """Refuse changes of what can't change. Raises 422."""
    wrong = update_problems(resource, new, old)
    if wrong:
        raise errors.invalid(resource, new["metadata"]["name"], wrong)
