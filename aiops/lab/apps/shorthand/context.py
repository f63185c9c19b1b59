"""What every part of the short form needs: the names in the file, what is shared, and errors that name a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiops.core.errors import InvalidInputError

Data = dict[str, Any]

_DEFAULTS: Data = {"registry": "registry.example.com", "address": "{}_ADDR", "replicas": 2, "size": "small", "call": {}}


class Context:
    """One file in the short form. `shared` has the platform's `programs`, and `runtimes` and `sizes` by name."""

    def __init__(self, own: Mapping[str, Any], shared: Mapping[str, Any], source: str) -> None:
        self.source = source
        self.shared = shared
        self.services: Data = {name: self.mapping(f"services.{name}", e) for name, e in _items(own, "services")}
        self.stores: Data = {name: self.mapping(f"stores.{name}", e) for name, e in _items(own, "stores")}
        given = self.mapping("defaults", own.get("defaults"))
        self.check_keys("defaults", given, _DEFAULTS)
        self.defaults: Data = {**_DEFAULTS, **given}
        self._namespace = str(own.get("namespace", ""))
        self._by_address = {self.address(name): name for name in (*self.services, *self.stores)}

    def error(self, place: str, reason: str) -> InvalidInputError:
        return InvalidInputError(f"{self.source}: {place}: {reason}")

    def mapping(self, place: str, value: Any) -> Data:
        """A copy of a mapping's top level. Raises `InvalidInputError` where it is none."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.error(place, "not a mapping")
        return dict(value)

    def check_keys(self, place: str, entry: Mapping[str, Any], known: Iterable[str]) -> None:
        for key in entry.keys() - set(known):
            raise self.error(f"{place}.{key}", "no such field")

    def address(self, name: str) -> str:
        """The environment variable with the address of a service or store."""
        return str(self.defaults["address"]).format(variable(name))

    def target(self, address: str) -> str | None:
        """The service or store whose address a variable holds."""
        return self._by_address.get(address)

    def address_of(self, place: str, name: Any) -> str:
        """The variable for a name in the file. Raises `InvalidInputError` where nothing has the name."""
        if name not in self.services and name not in self.stores:
            raise self.error(place, f"no service or store named {name!r}")
        return self.address(name)

    def namespace_of(self, name: str) -> str:
        entry = self.services.get(name) or self.stores.get(name) or {}
        return str(entry.get("namespace") or self._namespace)

    def store_program(self, name: str) -> Data:
        """The platform's program behind a store."""
        kind = self.stores[name].get("kind")
        if kind not in self.shared["programs"]:
            raise self.error(f"stores.{name}.kind", f"no program of the platform is called {kind!r}")
        found: Data = self.shared["programs"][kind]
        return found

    def runtime(self, place: str, name: Any) -> Data:
        """What every program in a language has."""
        if name not in self.shared["runtimes"]:
            raise self.error(place, f"no runtime is called {name!r}; known: {', '.join(self.shared['runtimes'])}")
        found: Data = self.shared["runtimes"][name]
        return found

    def resources(self, place: str, size: Any, *others: Any) -> Data:
        """Requests and limits of a named size, with what overrides them."""
        sizes: Data = self.shared["sizes"]
        if size not in sizes:
            raise self.error(f"{place}.size", f"no size is called {size!r}; known: {', '.join(sizes)}")
        made = dict(sizes[size])
        for other in others:
            made |= self.mapping(f"{place}.resources", other)
        return made


def variable(name: str) -> str:
    """How a name is written in an environment variable."""
    return name.upper().replace("-", "_")


def _items(own: Mapping[str, Any], part: str) -> Iterable[tuple[str, Any]]:
    return (own.get(part) or {}).items()
