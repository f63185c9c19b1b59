"""The kinds that one cluster serves: the built-in ones, and those that CustomResourceDefinitions add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiops.core.entity import Manifest
from aiops.lab.kube.kinds.resources import RESOURCES, Resource


class Catalog:
    """Resources by path, by stored kind and by apiVersion and kind. Several may share one shelf of the store."""

    def __init__(self, resources: Iterable[Resource] = RESOURCES) -> None:
        self._by_path: dict[tuple[str, str, str], Resource] = {}
        self._by_shelf: dict[str, Resource] = {}
        self._by_kind: dict[tuple[str, str], Resource] = {}
        self.revision = 0
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        """Serve one more resource. The first of a shelf is the version in which its objects are stored."""
        self._by_path[resource.group, resource.version, resource.plural] = resource
        self._by_kind[resource.api_version, resource.kind] = resource
        self._by_shelf.setdefault(resource.shelf, resource)
        self.revision += 1

    def remove(self, resource: Resource) -> None:
        """Serve it no longer."""
        del self._by_path[resource.group, resource.version, resource.plural]
        del self._by_kind[resource.api_version, resource.kind]
        if self._by_shelf.get(resource.shelf) is resource:
            del self._by_shelf[resource.shelf]
        self.revision += 1

    def __iter__(self) -> Iterator[Resource]:
        """Every served resource, in the order in which they came."""
        return iter(list(self._by_path.values()))

    @property
    def shelves(self) -> tuple[str, ...]:
        """The names under which objects are stored."""
        return tuple(name for name, resource in self._by_shelf.items() if "list" in resource.verbs)

    def at(self, group: str, version: str, plural: str) -> Resource | None:
        return self._by_path.get((group, version, plural))

    def stored(self, shelf: str) -> Resource:
        """The resource in whose version the objects of a shelf are stored."""
        return self._by_shelf[shelf]

    def of(self, manifest: Manifest) -> Resource | None:
        """The resource of an object, by its apiVersion and kind."""
        return self._by_kind.get((str(manifest.get("apiVersion", "")), str(manifest.get("kind", ""))))
