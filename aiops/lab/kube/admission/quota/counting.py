"""The status of a quota, counted afresh from the objects of its namespace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.quantities import ZERO, Amounts, added, quantities, shown
from aiops.lab.kube.admission.quota.scopes import in_scope
from aiops.lab.kube.admission.quota.usage import tracked, usage
from aiops.lab.kube.kinds.resources import Resource


class Catalog(Protocol):
    """The kinds whose objects are counted."""

    @property
    def shelves(self) -> Iterable[str]: ...

    def stored(self, shelf: str) -> Resource: ...


class Reader(Protocol):
    """What counting reads."""

    @property
    def catalog(self) -> Catalog: ...

    def now(self) -> float: ...

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...


def counted(reader: Reader, quota: Manifest) -> dict[str, Any]:
    """`hard` as the spec has it, and what is used of it."""
    hard = quantities(quota["spec"].get("hard"))
    used: Amounts = dict.fromkeys(hard, ZERO)
    for shelf in reader.catalog.shelves:
        resource = reader.catalog.stored(shelf)
        names = [name for name in hard if tracked(resource, name)] if resource.namespaced else []
        if not names:
            continue
        for item in reader.objects(shelf, quota["metadata"]["namespace"]):
            if in_scope(resource, item, quota):
                amounts = usage(resource, item, reader.now())
                used = added((used, {name: amounts[name] for name in names if name in amounts}))
    return {"hard": shown(hard), "used": shown(used)}
