"""Plug-ins by decorator and discovery: one new file is one new tool, fault, agent, check or remedy."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from aiops.core.errors import DuplicateNameError, UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named plug-ins found in the modules of one package. Names are unique; iteration is in name order."""

    def __init__(self, what: str, package: str) -> None:
        self._what = what
        self._package = package
        self._items: dict[str, T] = {}
        self._loaded = False

    def add(self, name: str, item: T) -> None:
        """Register `item`. Raises `DuplicateNameError` where the name is taken."""
        if name in self._items:
            raise DuplicateNameError(f"two {self._what}s are named {name!r}")
        self._items[name] = item

    def get(self, name: str) -> T:
        """The plug-in of this name. Raises `UnknownNameError` with the nearest names."""
        self._load()
        try:
            return self._items[name]
        except KeyError:
            raise UnknownNameError(self._what, name, self._items) from None

    def names(self) -> list[str]:
        self._load()
        return sorted(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter([self._items[name] for name in self.names()])

    def __len__(self) -> int:
        return len(self.names())

    def _load(self) -> None:
        """Import every module below the package once; their decorators call `add`."""
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self._package)
        for module in sorted(m.name for m in pkgutil.walk_packages(package.__path__, f"{self._package}.")):
            importlib.import_module(module)


def summary_of(plugin: Any) -> str:
    """The first line of the docstring of a function or a class; empty where it has none."""
    return (inspect.getdoc(plugin) or "").partition("\n")[0]
