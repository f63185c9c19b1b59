"""Events of events.k8s.io, as the scheduler writes them: with an action, a moment in microseconds, and a series where
they repeat."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.events import LONGEST_NAME
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import deleting, uid_of, with_metadata
from aiops.lab.kube.patching.managed import Entry
from aiops.lab.kube.storage.store import ObjectStore

FINISHED_SECONDS = 360.0
"""How long an Event is remembered after it was seen last; what comes later is a new one (`finishTime`)."""

REMEMBERED = 16_384

_EVENTS = Resource("Event", "events", "events.k8s.io")


@dataclass(slots=True)
class _Series:
    namespace: str
    name: str
    count: int
    last: float


class SeriesRecorder:
    """Writes Events for one component, as client-go's `tools/events` does: a second equal one makes a series of it;
    further ones are counted, and written when the series ends."""

    def __init__(self, store: ObjectStore, component: str, manager: str, host: str = "control-plane") -> None:
        self._store = store
        self._component = component
        self._instance = f"{component}-{host}"
        self._manager = manager
        self._entries: dict[bool, list[Entry]] = {}
        self._known: OrderedDict[tuple[str, ...], _Series] = OrderedDict()

    def record(
        self, about: Manifest, type_: str, reason: str, action: str, message: str, related: Manifest | None = None
    ) -> None:
        """Note something that was done to an object, on account of a `related` one where there is one."""
        self._finish()
        revision = about["metadata"]["resourceVersion"]
        same = (uid_of(about), revision, type_, reason, action, uid_of(related) if related else "")
        now = self._store.now()
        known = self._known.get(same)
        if known is not None:
            known.count, known.last = known.count + 1, now
            self._known.move_to_end(same)
            if known.count == 2:
                self._write_series(known)
            return
        name = self._create(about, related, {"type": type_, "reason": reason, "action": action, "message": message})
        if name:
            self._known[same] = _Series(about["metadata"].get("namespace", "default"), name, 1, now)

    def _finish(self) -> None:
        """Forget what has not repeated for a while, and write the last count of series."""
        oldest = self._store.now() - FINISHED_SECONDS
        while self._known:
            first = next(iter(self._known.values()))
            if first.last >= oldest and len(self._known) <= REMEMBERED:
                return
            self._known.popitem(last=False)
            if first.count > 2:
                self._write_series(first)

    def _write_series(self, series: _Series) -> None:
        event = self._store.find("Event", series.namespace, series.name)
        if event is None:
            return
        told = {"count": series.count, "lastObservedTime": rfc3339(series.last, micro=True)}
        changed = with_metadata({**event, "series": told}, resourceVersion=None)
        self._store.update(changed, manager=self._manager)

    def _create(self, about: Manifest, related: Manifest | None, told: dict[str, Any]) -> str:
        metadata = about["metadata"]
        namespace = metadata.get("namespace", "default")
        where = self._store.find("Namespace", "", namespace)
        if where is None or deleting(where):
            return ""
        now = self._store.now()
        moment = int(now) * 1_000_000_000 + self._store.revision
        name = f"{metadata['name'][:LONGEST_NAME].rstrip('-.')}.{moment:016x}"
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": _reference(about),
            "source": {},
            "eventTime": rfc3339(now, micro=True),
            "firstTimestamp": None,
            "lastTimestamp": None,
            "reportingComponent": self._component,
            "reportingInstance": self._instance,
            **({"related": _reference(related)} if related else {}),
            **told,
        }
        try:
            made = self._store.create(event, manager=self._manager, managed=self._managed(event))
            return str(made["metadata"]["name"])
        except ApiError:  # a quota on Events, or a hook, must not stop the work that the Event is about
            return ""

    def _managed(self, event: Manifest) -> list[Entry]:
        """Who owns which fields: they have other names in the version that is written."""
        known = self._entries.get("related" in event)
        if known is not None:
            now = rfc3339(self._store.now())
            return [{**entry, "time": now} for entry in known]
        renamed = {"message": "note", "involvedObject": "regarding", "reportingComponent": "reportingController"}
        written = {renamed.get(field, field): value for field, value in event.items() if value not in (None, {})}
        made = self._store.first_entries(_EVENTS, {**written, "apiVersion": _EVENTS.api_version}, self._manager)
        self._entries["related" in event] = made
        return made


def _reference(about: Manifest) -> dict[str, Any]:
    metadata = about["metadata"]
    reference = {
        "kind": about["kind"],
        "namespace": metadata.get("namespace"),
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": about["apiVersion"],
        "resourceVersion": metadata["resourceVersion"],
    }
    return {field: value for field, value in reference.items() if value}
