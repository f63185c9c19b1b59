"""Definitions come and go: their kinds are served, their names accepted, their objects cleaned up.

What apiextensions' naming, establishing and finalizing controllers do, at once.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.custom.kind import CustomKind
from aiops.lab.kube.custom.merging import merging_of_schema
from aiops.lab.kube.discovery.apiservices import keep_api_services
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import condition_is, deleting, key_of
from aiops.lab.kube.patching.merging import Field
from aiops.lab.kube.storage.deletion import CLEANUP
from aiops.lab.kube.storage.history import History, Write

DEFINITION = "CustomResourceDefinition"
_MANAGER = "kube-apiserver"
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_NAMES = ("plural", "singular", "kind", "listKind", "shortNames", "categories")


class Store(Protocol):
    """What is needed of the store."""

    history: History
    catalog: Catalog
    mergings: dict[str, Field]

    def now(self) -> float: ...

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...

    def create(self, manifest: Manifest, *, manager: str) -> Manifest: ...

    def update(self, manifest: Manifest, *, manager: str, subresource: str = "") -> Manifest: ...

    def delete(self, kind: str, namespace: str, name: str) -> Manifest: ...


class CustomResources:
    """Follows the definitions of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._served: dict[str, tuple[Resource, ...]] = {}
        self._shelves: dict[str, str] = {}
        self._waiting: deque[tuple[str, bool]] = deque()
        self._busy = False

    def follow(self, write: Write) -> None:
        """Act on a write, if it is of a definition or of an object of one that is going."""
        if write.kind == DEFINITION:
            self._waiting.append((write.new["metadata"]["name"], write.type == "DELETED"))
        elif write.type == "DELETED" and write.kind in self._shelves:
            self._waiting.append((self._shelves[write.kind], False))
        else:
            return
        if self._busy:
            return  # a write of our own: the loop below comes to it
        self._busy = True
        try:
            while self._waiting:
                self._act(*self._waiting.popleft())
        finally:
            self._busy = False

    def _act(self, name: str, gone: bool) -> None:
        definition = self._store.find(DEFINITION, "", name)
        if gone or definition is None:
            self._withdraw(name)
        elif deleting(definition):
            self._clean_up(name, definition)
        else:
            self._accept(name, definition)

    def _accept(self, name: str, definition: Manifest) -> None:
        status = self._status(definition)
        if status != definition.get("status"):
            self._store.update({**definition, "status": status}, manager=_MANAGER, subresource="status")
        self._serve(name, definition, status)

    def _status(self, definition: Manifest) -> dict[str, Any]:
        """The names that no other definition of the group has, and what follows from them."""
        names = {
            field: definition["spec"]["names"][field] for field in _NAMES if definition["spec"]["names"].get(field)
        }
        before = definition.get("status") or {}
        taken = self._conflict(definition)
        accepted = (
            _condition("NamesAccepted", "False", *taken)
            if taken
            else _condition("NamesAccepted", "True", "NoConflicts", "no conflicts found")
        )
        if taken:
            names = before.get("acceptedNames") or {"plural": "", "kind": ""}
        was_established = condition_is(definition, "Established")
        if was_established or not taken:
            established = _condition(
                "Established", "True", "InitialNamesAccepted", "the initial names have been accepted"
            )
        else:
            established = _condition("Established", "False", "NotAccepted", "not all names are accepted")
        storage = next(v["name"] for v in definition["spec"]["versions"] if v["storage"])
        versions = before.get("storedVersions") or []
        return {
            **before,
            "acceptedNames": names,
            "conditions": self._dated(definition, [accepted, established]),
            "storedVersions": versions if storage in versions else [*versions, storage],
        }

    def _dated(self, definition: Manifest, conditions: list[dict[str, str]]) -> list[dict[str, str]]:
        """Conditions that hold already keep the time at which they began."""
        known = {c["type"]: c for c in (definition.get("status") or {}).get("conditions") or ()}
        now = rfc3339(self._store.now())
        made = []
        for entry in conditions:
            old = known.pop(entry["type"], None)
            same = old is not None and old["status"] == entry["status"]
            made.append({**entry, "lastTransitionTime": old["lastTransitionTime"] if old and same else now})
        return [*made, *known.values()]

    def _conflict(self, definition: Manifest) -> tuple[str, str] | None:
        """(reason, message) for the first name that another definition of the group has already."""
        spec, own = definition["spec"], definition["metadata"]["name"]
        others = [
            item["status"]["acceptedNames"]
            for item in self._store.objects(DEFINITION)
            if item["metadata"]["name"] != own
            and item["spec"]["group"] == spec["group"]
            and (item.get("status") or {}).get("acceptedNames")
        ]
        taken = {name for names in others for name in (names.get("plural"), names.get("singular"),
                                                       *(names.get("shortNames") or ()))}  # fmt: skip
        kinds = {name for names in others for name in (names.get("kind"), names.get("listKind"))}
        names = spec["names"]
        for field, reason in (("plural", "PluralConflict"), ("singular", "SingularConflict")):
            if names.get(field) in taken:
                return reason, f'"{names[field]}" is already in use'
        for short in names.get("shortNames") or ():
            if short in taken:
                return "ShortNamesConflict", f'"{short}" is already in use'
        for field, reason in (("kind", "KindConflict"), ("listKind", "ListKindConflict")):
            if names.get(field) in kinds:
                return reason, f'"{names[field]}" is already in use'
        return None

    def _serve(self, name: str, definition: Manifest, status: dict[str, Any]) -> None:
        established = any(c["type"] == "Established" and c["status"] == "True" for c in status["conditions"])
        resources = tuple(resources_of(definition)) if established else ()
        if _told(resources) == _told(self._served.get(name, ())):
            return
        for old in self._served.get(name, ()):
            self._store.catalog.remove(old)
        for new in resources:
            self._store.catalog.add(new)
        if resources:
            self._store.mergings[resources[0].shelf] = merging_of_schema(resources[0].custom.schema)
        self._served[name] = resources
        keep_api_services(self._store)

    def _clean_up(self, name: str, definition: Manifest) -> None:
        """Delete the objects of a definition that is going; when none is left, let it go."""
        if CLEANUP not in (definition["metadata"].get("finalizers") or ()):
            return
        shelf = shelf_of(definition)
        if shelf not in self._shelves:
            self._shelves[shelf] = name
            self._terminate(definition)
            return
        for item in self._store.objects(shelf) if self._served.get(name) else ():
            if not deleting(item):
                self._store.delete(shelf, *key_of(item))
        if not self._store.objects(shelf):
            left = [entry for entry in definition["metadata"]["finalizers"] if entry != CLEANUP]
            metadata = {**definition["metadata"], "finalizers": left}
            self._store.update({**definition, "metadata": metadata}, manager=_MANAGER)

    def _terminate(self, definition: Manifest) -> None:
        entry = _condition(
            "Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress"
        )
        known = (definition.get("status") or {}).get("conditions") or []
        others = [item for item in known if item["type"] != "Terminating"]
        stamped = {**entry, "lastTransitionTime": rfc3339(self._store.now())}
        status = {**(definition.get("status") or {}), "conditions": [*others, stamped]}
        self._store.update({**definition, "status": status}, manager=_MANAGER, subresource="status")

    def _withdraw(self, name: str) -> None:
        for resource in self._served.pop(name, ()):
            self._store.catalog.remove(resource)
            self._shelves.pop(resource.shelf, None)
            self._store.mergings.pop(resource.shelf, None)
        keep_api_services(self._store)


def _condition(kind: str, status: str, reason: str, message: str) -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def _told(resources: tuple[Resource, ...]) -> list[Any]:
    return [(resource, resource.custom.version, resource.custom.storage) for resource in resources]


def shelf_of(definition: Manifest) -> str:
    """The name under which the objects of a definition are stored."""
    return f"{definition['spec']['names']['kind']}.{definition['spec']['group']}"


def resources_of(definition: Manifest) -> list[Resource]:
    """The served versions of a definition; the one in which objects are stored comes first."""
    spec, names = definition["spec"], definition["spec"]["names"]
    preserve = bool(spec.get("preserveUnknownFields"))
    by_webhook = (spec.get("conversion") or {}).get("strategy") == "Webhook"
    storage = next(v["name"] for v in spec["versions"] if v["storage"]) if by_webhook else ""
    served = sorted((v for v in spec["versions"] if v["served"]), key=lambda v: not v["storage"])
    return [
        Resource(
            names["kind"],
            names["plural"],
            spec["group"],
            version["name"],
            namespaced=spec["scope"] == "Namespaced",
            short=tuple(names.get("shortNames") or ()),
            subresources=tuple(name for name in ("status", "scale") if name in (version.get("subresources") or {})),
            categories=tuple(names.get("categories") or ()),
            fields=tuple(field["jsonPath"].lstrip(".") for field in version.get("selectableFields") or ()),
            generation=True,
            stored=shelf_of(definition),
            singular_name=names.get("singular", ""),
            list_name=names.get("listKind", ""),
            custom=CustomKind(version, preserve, definition["metadata"]["name"], storage),
            verbs=_VERBS,
        )
        for version in served
    ]
