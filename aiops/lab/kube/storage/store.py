"""The objects of the cluster: what etcd and the API server's generic registry are to Kubernetes.

Every write goes through `create`, `update` or `delete`, so every stored object is complete, checked and stamped.
Stored objects are replaced and never changed, so a reader may keep what it got.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.access.user import User
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.chain import Admission
from aiops.lab.kube.admission.writer import PRESENT, Writer
from aiops.lab.kube.custom.serving import CustomResources
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.conversion import to_stored, to_version
from aiops.lab.kube.kinds.prepare import (
    BINDING,
    prepare_create,
    prepare_update,
    set_defaults,
    validate_create,
    validate_update,
    warnings,
)
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import Key, clone, deleting, key_of, owners, uid_of
from aiops.lab.kube.patching.apply import applied
from aiops.lab.kube.patching.managed import Entry, given_or, updated
from aiops.lab.kube.patching.managed import Write as FieldWrite
from aiops.lab.kube.patching.merging import Field, empty_of, merging_of
from aiops.lab.kube.storage.deletion import DeleteOptions, check_preconditions, mark_deleted
from aiops.lab.kube.storage.fragments import Fragments
from aiops.lab.kube.storage.history import History, Write
from aiops.lab.kube.storage.requests import RequestLog
from aiops.lab.kube.storage.shelf import Shelf
from aiops.lab.kube.storage.snapshot import objects_at
from aiops.lab.kube.storage.space import Space
from aiops.lab.kube.storage.stamps import (
    check_fresh,
    converted,
    held,
    ignored_parts,
    named,
    placed,
    same,
    status_metadata,
    system_metadata,
    timeless,
    wiped,
)

_TOUCHING_STATUS = (BINDING, "approval")
"""Subresources that write a part of the status, as the rules of their kinds allow."""


class ObjectStore:
    """All objects by kind. `now` gives unix seconds; `rng` makes uids and generated names. Use from one thread."""

    def __init__(self, *, now: Callable[[], float], rng: Random) -> None:
        self.now = now
        self.history = History()
        self.catalog = Catalog()
        self.requests = RequestLog()
        self.space = Space()
        self.admission = Admission(self)
        self.custom = CustomResources(self)
        self.mergings: dict[str, Field] = {}
        """How the fields of custom kinds merge, by shelf."""
        self.shown: dict[str, Callable[[Manifest], Manifest]] = {}
        """How objects look to who reads them over the API, where writing it each time would be too much; by shelf."""
        self.turned_away = 0.0
        """The share of the requests of ordinary users for which the API server has no place."""
        self.secret = rng.randbytes(32)
        """Signs the cluster's tokens and certificates."""
        self._rng = rng
        self._trials = Random(rng.getrandbits(64))  # a dry run must leave no trace
        self._revision = 0
        self._stamp = (float("nan"), "")
        self._fragments = Fragments()
        self._shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
        self._places: dict[str, tuple[str, Key]] = {}
        self._owned: dict[str, dict[tuple[str, Key], None]] = {}

    # ---- reads

    @property
    def revision(self) -> int:
        return self._revision

    def objects(self, kind: str, namespace: str = "", *, after: Key | None = None) -> list[Manifest]:
        """All objects of a kind by namespace and name, behind the key `after`; every namespace where none is given."""
        return self._shelves[kind].list(namespace, after)

    def labelled(self, kind: str, namespace: str, labels: Mapping[str, str]) -> list[Manifest]:
        """The objects of a kind in a namespace that carry all of these labels (at least one), by name."""
        return self._shelves[kind].labelled(namespace, labels)

    def changes(self, kind: str) -> int:
        """Rises with every write to an object of a kind."""
        return self._shelves[kind].changes

    def objects_at(self, kind: str, revision: int, namespace: str = "", *, after: Key | None = None) -> list[Manifest]:
        """As `objects`, at an earlier revision. Raises 410 for one that is too old."""
        return objects_at(self._shelves[kind], kind, self.history, revision, namespace, after)

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return self._shelves[kind].get((namespace, name))

    def get(self, kind: str, namespace: str, name: str) -> Manifest:
        """The object. Raises 404."""
        found = self.find(kind, namespace, name)
        if found is None:
            raise errors.not_found(self.catalog.stored(kind), name)
        return found

    def by_uid(self, uid: str) -> Manifest | None:
        place = self._places.get(uid)
        return self._shelves[place[0]].get(place[1]) if place else None

    def owned(self, uid: str, kind: str = "") -> list[Manifest]:
        """The objects that name `uid` as an owner, oldest first."""
        keys = self._owned.get(uid, ())
        found = [self._shelves[k].get(key) for k, key in keys if not kind or k == kind]
        return [item for item in found if item is not None]

    def serve(self, kind: str, shelf: Shelf) -> None:
        """Answer reads of a kind from elsewhere than from what is stored."""
        self._shelves[kind] = shelf

    # ---- writes

    @property
    def writer(self) -> Writer:
        """Who writes now: the API server itself unless somebody else was named."""
        return PRESENT.get(None) or Writer()

    @contextmanager
    def acting(self, user: User, warnings: list[str] | None = None) -> Iterator[Writer]:
        """Make the writes inside those of `user`, and gather what they are warned of in `warnings`. Each task has its
        own writer, so requests that wait for each other don't mix."""
        with self.writing(Writer(user, [] if warnings is None else warnings)) as writer:
            yield writer

    @contextmanager
    def writing(self, writer: Writer) -> Iterator[Writer]:
        """Make the writes inside those of `writer`."""
        before = PRESENT.set(writer)
        try:
            yield writer
        finally:
            PRESENT.reset(before)

    def attributes(
        self,
        operation: Operation,
        resource: Resource,
        key: Key,
        new: Manifest,
        old: Manifest | None = None,
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Attributes:
        """A request of the present writer, as admission sees it."""
        writer = self.writer
        rng = writer.rng or (self._trials if dry_run else self._rng)
        return Attributes(operation, resource, *key, new, old, writer, rng, subresource, dry_run)

    def draw(self) -> int:
        """A number from which a writer makes names of its own."""
        return self._rng.getrandbits(64)

    def admit(
        self,
        operation: Operation,
        resource: Resource,
        key: Key,
        new: Manifest,
        subresource: str,
        *,
        dry_run: bool = False,
    ) -> Manifest:
        """Let admission change and check a request that stores nothing under its own name, such as an eviction."""
        request = self.attributes(operation, resource, key, new, subresource=subresource, dry_run=dry_run)
        self.admission.mutate(request)
        self.admission.validate(request)
        return request.new

    def create(
        self, manifest: Manifest, *, manager: str, managed: list[Entry] | None = None, dry_run: bool = False
    ) -> Manifest:
        """Store a new object. `managed` are the entries of its field managers where the caller knows them (an apply).
        Raises 404 (kind, namespace), 409 (name taken) or 422."""
        resource = self._resource(manifest)
        given = manifest.get("metadata") or {}
        namespace = given.get("namespace", "default") if resource.namespaced else ""
        key = (namespace, str(given.get("name") or ""))
        asked, resource = resource, self.catalog.stored(resource.shelf)
        request = self.attributes("CREATE", asked, key, to_stored(clone(manifest), asked, resource), dry_run=dry_run)
        rng = request.rng
        request.new = placed(wiped(request.new), resource)
        set_defaults(resource, request.new)
        if managed is None:
            managed = self.first_entries(asked, to_version(request.new, asked, resource), manager)
        self.admission.mutate(request)
        new = named(request.new, rng, lambda name: self.find(resource.shelf, key[0], name) is not None)
        request.new = new
        uid = str(UUID(int=rng.getrandbits(128), version=4))
        stamps: dict[str, Any] = {"uid": uid, "creationTimestamp": self._moment()}
        kept = {k: v for k, v in new["metadata"].items() if k != "managedFields"}
        new["metadata"] = kept | stamps | ({"managedFields": managed} if managed else {})
        prepare_create(self, resource, new)
        validate_create(resource, new)
        for text in warnings(resource, new):
            self.writer.warn(text)
        self.admission.validate(request)
        if self.find(resource.shelf, *key_of(new)) is not None:
            raise errors.already_exists(resource, new["metadata"]["name"])
        return self._put(resource, new, None, dry_run)

    def update(
        self,
        manifest: Manifest,
        *,
        manager: str,
        subresource: str = "",
        managed: list[Entry] | None = None,
        patched: bool = False,
        dry_run: bool = False,
    ) -> Manifest:
        """Replace an object, or with `subresource="status"` its status and metadata alone. A write that changes
        nothing leaves no trace. Raises 404, 409 where `resourceVersion` or `uid` are others than stored, 422."""
        asked = self._resource(manifest)
        resource = self.catalog.stored(asked.shelf)
        manifest = to_stored(manifest, asked, resource)
        old = self.get(resource.shelf, *key_of(manifest))
        check_fresh(resource, manifest["metadata"], old, patched=patched)
        before = old["metadata"].get("managedFields") or []
        request = self.attributes("UPDATE", resource, key_of(old), {}, old, subresource=subresource, dry_run=dry_run)
        request.new = self._incoming(resource, manifest, old, subresource)
        if subresource == BINDING:
            managed = before  # as in Kubernetes, nobody owns the node of a pod
        elif managed is None:
            managed = before if subresource else given_or(before, manifest["metadata"])
            if managed:
                before_it, after_it = (to_version(item, asked, resource) for item in (old, request.new))
                managed = updated(managed, before_it, after_it, self.field_write(asked, manager, subresource))
        self.admission.mutate(request)
        prepare_update(self, resource, request.new, old, subresource)
        validate_update(resource, request.new, old, subresource)
        self.admission.validate(request)
        new = request.new
        if same(new, old) and (managed is before or timeless(managed) == timeless(before)):
            return old
        new["metadata"].pop("managedFields", None)
        if managed:
            new["metadata"]["managedFields"] = managed
        if deleting(new) and not held(resource, new):
            self._remove(resource, old, dry_run)
            return new
        return self._put(resource, new, old, dry_run)

    def apply(
        self, config: Manifest, *, manager: str, force: bool = False, subresource: str = "", dry_run: bool = False
    ) -> tuple[Manifest, bool]:
        """Apply a configuration (server-side apply): the object, and whether it is new. Raises 404 (kind, namespace,
        the object of a subresource), 409 where fields are others' and `force` is not set, 422."""
        resource = self._resource(config)
        key = key_of(config)
        old = self.find(resource.shelf, *key)
        if old is None and subresource:
            raise errors.not_found(resource, key[1])
        live = old or {**empty_of(resource.api_version, resource.kind), "kind": resource.kind}
        new, managed = applied(live, config, self.field_write(resource, manager, subresource), force=force)
        new = {**new, "apiVersion": resource.api_version, "kind": resource.kind}
        if resource.custom is None:
            new = converted(resource, new)
        if old is None:
            return self.create(new, manager=manager, managed=managed, dry_run=dry_run), True
        return self.update(
            new, manager=manager, subresource=subresource, managed=managed, patched=True, dry_run=dry_run
        ), False

    def first_entries(self, resource: Resource, manifest: Manifest, manager: str) -> list[Entry]:
        """`managedFields` of an object that `manager` creates."""
        empty = empty_of(resource.api_version, resource.kind)
        return updated([], empty, manifest, self.field_write(resource, manager))

    def _moment(self) -> str:
        """The time as objects write it."""
        now = self.now()
        if now != self._stamp[0]:
            self._stamp = (now, rfc3339(now))
        return self._stamp[1]

    def field_write(self, resource: Resource, manager: str, subresource: str = "") -> FieldWrite:
        """What field management has to know of a write by `manager` at this moment."""
        return FieldWrite(
            manager,
            self._moment(),
            resource.api_version,
            self.mergings.get(resource.shelf) or merging_of(resource.api_version, resource.kind),
            subresource,
            ignored_parts(resource, subresource),
        )

    def delete(
        self, kind: str, namespace: str, name: str, options: DeleteOptions | None = None, *, dry_run: bool = False
    ) -> Manifest:
        """Delete an object, or mark it where its node or a finalizer has to act first. Raises 404, 409."""
        options = options or DeleteOptions(propagation="Background")
        return self.delete_or_mark(kind, namespace, name, replace(options, dry_run=dry_run or options.dry_run))[0]

    def delete_or_mark(self, kind: str, namespace: str, name: str, options: DeleteOptions) -> tuple[Manifest, bool]:
        """As `delete`; the object as it is left, and whether it is gone."""
        resource, dry_run = self.catalog.stored(kind), options.dry_run
        old = self.get(kind, namespace, name)
        check_preconditions(resource, old, options)
        request = self.attributes("DELETE", resource, (namespace, name), {}, old, dry_run=dry_run)
        self.admission.mutate(request)
        self.admission.validate(request)
        marked = mark_deleted(resource, old, options, self.now())
        if held(resource, marked):
            return (old if same(marked, old) else self._put(resource, marked, old, dry_run)), False
        if marked is not old:
            # As in the real registry, a graceful deletion is marked even where nobody has to be waited for.
            marked = self._put(resource, marked, old, dry_run, leaving=True)
        return self._remove(resource, marked, dry_run), True

    # ---- inside

    def _resource(self, manifest: Manifest) -> Resource:
        resource = self.catalog.of(manifest)
        if resource is None:
            what = f'no matches for kind "{manifest.get("kind")}" in version "{manifest.get("apiVersion")}"'
            raise errors.ApiError(404, "NotFound", what)
        return resource

    def _incoming(self, resource: Resource, manifest: Manifest, old: Manifest, subresource: str) -> Manifest:
        """The object that a write asks for, with those parts of the old one that it can't touch."""
        if subresource == "status":
            new: Manifest = {**old, "status": clone(manifest.get("status") or {})}
            new["metadata"] = status_metadata(resource, manifest, old)
            return new
        new = clone(manifest)
        set_defaults(resource, new)
        new["metadata"] = system_metadata(new["metadata"], old["metadata"])
        if resource.has_status and subresource not in _TOUCHING_STATUS:
            new.pop("status", None)
            if "status" in old:
                new["status"] = old["status"]
        return new

    def _put(
        self, resource: Resource, new: Manifest, old: Manifest | None, dry_run: bool, *, leaving: bool = False
    ) -> Manifest:
        if dry_run:
            return new
        new = {**new, "metadata": {**new["metadata"], "resourceVersion": str(self._revision + 1)}}
        self.space.put(new, old, leaving=leaving)
        self._revision += 1
        new = self._fragments.share(resource.shelf, new, old)
        self.requests.stored(resource, new, old)
        self._shelves[resource.shelf].put(key_of(new), new)
        self._index(resource, new, old)
        write = Write(self._revision, "MODIFIED" if old else "ADDED", resource.shelf, new, old)
        self.history.append(write)
        self.custom.follow(write)
        return new

    def _remove(self, resource: Resource, last: Manifest, dry_run: bool) -> Manifest:
        if dry_run:
            return last
        self._revision += 1
        old = self.get(resource.shelf, *key_of(last))
        self.space.remove(old)
        gone = {**last, "metadata": {**last["metadata"], "resourceVersion": str(self._revision)}}
        self.requests.stored(resource, None, old)
        self._shelves[resource.shelf].remove(key_of(last))
        self._index(resource, None, old)
        write = Write(self._revision, "DELETED", resource.shelf, gone, old)
        self.history.append(write)
        self.custom.follow(write)
        return gone

    def _index(self, resource: Resource, new: Manifest | None, old: Manifest | None) -> None:
        before = list(dict.fromkeys(owner["uid"] for owner in owners(old))) if old else []
        after = list(dict.fromkeys(owner["uid"] for owner in owners(new))) if new else []
        entry = (resource.shelf, key_of(new or old or {}))
        if old is None and new is not None:
            self._places[uid_of(new)] = entry
        elif new is None and old is not None:
            del self._places[uid_of(old)]
        if before == after:
            return
        for uid in before:
            self._owned[uid].pop(entry, None)
            if not self._owned[uid]:
                del self._owned[uid]
        for uid in after:
            self._owned.setdefault(uid, {})[entry] = None
