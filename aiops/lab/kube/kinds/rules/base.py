"""What every kind's rules can say, and where they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from aiops.core.entity import Manifest
from aiops.core.registry import Registry
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.formats import Format, dns_subdomain


class Reader(Protocol):
    """The reads of other objects that preparing one needs."""

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...

    @property
    def now(self) -> Callable[[], float]:
        """The present moment, in unix seconds."""
        ...


class RefusedError(Exception):
    """Something that cannot be allocated; told alone, before anything else is checked."""

    def __init__(self, causes: list[Cause]) -> None:
        super().__init__(causes)
        self.causes = causes


class Rules:
    """The rules of one kind, as its defaulting functions, its registry strategy and its validation have them.

    Manifests that are given to `default` and `prepare_*` are the caller's own and are changed in place.
    """

    name_format: Format = staticmethod(dns_subdomain)
    """What a name of this kind must look like."""

    status_subresources: tuple[str, ...] = ()
    """Subresources besides `status` through which a part of the status is written."""

    drops_status = True
    """Is a status that comes with a new object, or with an update of its spec, left out?"""

    def default(self, new: Manifest) -> None:
        """Fill in what the manifest leaves out. Twice is once."""

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        """Set what the system decides: initial status, addresses. Raises `RefusedError`."""

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        """Keep what the system decided and the caller left out. Raises `RefusedError`."""

    def validate(self, new: Manifest) -> Iterator[Cause]:
        """Every wrong field, but for metadata."""
        return iter(())

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        """Every wrong field of an object that takes the place of another."""
        return self.validate(new)

    def counts_change(self, new: Manifest, old: Manifest) -> bool:
        """Does an update make a new generation, where the kind counts them?"""
        return {k: v for k, v in new.items() if k not in _NOT_DESIRED} != {
            k: v for k, v in old.items() if k not in _NOT_DESIRED
        }

    def prepare_status(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        """Set what the system decides when a status is written."""

    def prepare_subresource(self, new: Manifest, old: Manifest, subresource: str) -> None:
        """Keep what a write through a subresource other than the status can't change, in place."""

    def validate_subresource(self, new: Manifest, old: Manifest, subresource: str) -> Iterator[Cause]:
        """Every wrong field of an object that is written through a subresource other than its status."""
        return self.validate(new)

    def warnings(self, new: Manifest) -> Iterator[str]:
        """What is accepted, and told to whoever writes it."""
        return iter(())

    def validate_status(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        """Every wrong field of a new status."""
        return iter(())


_NOT_DESIRED = ("metadata", "status")
R = TypeVar("R", bound=type[Rules])
_REGISTRY: Registry[Rules] = Registry("set of rule", "aiops.lab.kube.kinds.rules")
_GENERIC = Rules()


def rules(*kinds: str) -> Callable[[R], R]:
    """Register a class of rules for kinds, by the shelves of their objects."""

    def register(made: R) -> R:
        for kind in kinds:
            _REGISTRY.add(kind, made())
        return made

    return register


def rules_of(shelf: str) -> Rules:
    """The rules of a kind; those that hold for every object where it has none of its own."""
    found = _FOUND.get(shelf)
    if found is None:
        found = _FOUND[shelf] = _REGISTRY.get(shelf) if shelf in _names() else _GENERIC
    return found


_FOUND: dict[str, Rules] = {}


def _names() -> frozenset[str]:
    return frozenset(_REGISTRY.names())
