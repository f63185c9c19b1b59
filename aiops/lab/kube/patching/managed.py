"""`metadata.managedFields`: which manager has written which fields of an object, and when.

Every write moves fields between the entries: the writer takes what it changes, and nobody keeps what is gone. There is
one entry for each manager, operation, version and subresource. Source: the `managedfields` package of apimachinery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiops.lab.kube.patching.compare import compare
from aiops.lab.kube.patching.fieldset import FieldSet, difference, is_field_set, shared, union
from aiops.lab.kube.patching.merging import Field

Entry = dict[str, Any]
Identity = tuple[str, str, str, str]

APPLY, UPDATE = "Apply", "Update"
SCALE = "scale"
_REPLICAS: FieldSet = {"f:spec": {"f:replicas": {}}}
MOST_UPDATERS = 10
ANCIENT = "ancient-changes"
"""The manager that gets the fields of the oldest updaters where there are too many."""

_STRIPPED = frozenset(
    ("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields",
     "resourceVersion")
)  # fmt: skip
"""Metadata that nobody manages."""


@dataclass(frozen=True, slots=True)
class Write:
    """Who writes, when (RFC 3339), in which version of the API, and how the fields of the kind merge.

    `ignored` are the parts of the object that a write to this resource or subresource does not take."""

    manager: str
    moment: str
    version: str
    merging: Field
    subresource: str = ""
    ignored: tuple[str, ...] = ()

    def entry(self, operation: str, fields: FieldSet, moment: str | None) -> Entry:
        entry: Entry = {"manager": self.manager or "unknown", "operation": operation, "apiVersion": self.version}
        if moment is not None:
            entry["time"] = moment
        entry |= {"fieldsType": "FieldsV1", "fieldsV1": shared(fields)}
        if self.subresource:
            entry["subresource"] = self.subresource
        return entry

    def identity(self, operation: str) -> Identity:
        return identity_of(self.entry(operation, {}, None))


def identity_of(entry: Entry) -> Identity:
    """What tells entries apart. An applier has one entry, whatever version it applies."""
    version = entry.get("apiVersion", "") if entry.get("operation") == UPDATE else ""
    return entry.get("manager", ""), entry.get("operation", ""), version, entry.get("subresource", "")


def updated(entries: list[Entry], old: Mapping[str, Any], new: Mapping[str, Any], write: Write) -> list[Entry]:
    """The entries after an update (or a creation, from the kind's empty object); the same list where none changes."""
    before, after = tracked(old, write.ignored), tracked(new, write.ignored)
    if write.subresource == SCALE:
        before, after = _scaled(before), _scaled(after)
    changed, removed = compare(before, after, write.merging)
    if write.subresource == SCALE and "replicas" not in (after.get("spec") or {}):
        removed = union(removed, _REPLICAS)
    if not changed and not removed:
        return entries
    left = without(entries, changed, removed)
    if not changed:
        return ordered(left)
    own = write.identity(UPDATE)
    mine: FieldSet = next((each["fieldsV1"] for each in left if identity_of(each) == own), {})
    others = [each for each in left if identity_of(each) != own]
    # As in the real server, an entry of the scale subresource has no time.
    entry = write.entry(UPDATE, union(mine, changed), None if write.subresource == SCALE else write.moment)
    return _capped(ordered([*others, entry]))


def _scaled(parts: dict[str, Any]) -> dict[str, Any]:
    """The parts as a Scale shows them, which leaves out no replicas: then nobody owns their number any more."""
    spec = parts.get("spec") or {}
    if spec.get("replicas") != 0:
        return parts
    return {**parts, "spec": {name: value for name, value in spec.items() if name != "replicas"}}


def tracked(manifest: Mapping[str, Any], ignored: tuple[str, ...]) -> dict[str, Any]:
    """The parts of an object whose fields have managers."""
    parts = {name: value for name, value in manifest.items() if name not in ("apiVersion", "kind", *ignored)}
    metadata = parts.get("metadata") or {}
    return {**parts, "metadata": {name: value for name, value in metadata.items() if name not in _STRIPPED}}


def without(entries: Iterable[Entry], changed: FieldSet, removed: FieldSet) -> list[Entry]:
    """The entries without these fields; those that have none left are dropped."""
    left = []
    for entry in entries:
        fields = entry["fieldsV1"]
        rest = difference(difference(fields, changed), removed)
        if rest is fields:
            left.append(entry)
        elif rest:
            left.append({**entry, "fieldsV1": shared(rest)})
    return left


def ordered(entries: list[Entry]) -> list[Entry]:
    """Appliers first, each kind by time."""
    return sorted(
        entries,
        key=lambda entry: (
            entry["operation"],
            entry.get("time") or "",
            entry.get("manager", ""),
            entry["apiVersion"],
            entry.get("subresource", ""),
        ),
    )


def _capped(entries: list[Entry]) -> list[Entry]:
    """Not more updaters than there may be: the oldest of a version become one."""
    updaters = sorted(
        (entry for entry in entries if entry["operation"] == UPDATE),
        key=lambda entry: (entry.get("time") or "", entry.get("manager", "")),
    )
    surplus = len(updaters) - MOST_UPDATERS
    if surplus <= 0:
        return entries
    buckets: dict[str, Entry] = {}
    gone: list[Entry] = []
    for entry in updaters:
        first = buckets.get(entry["apiVersion"])
        if surplus <= 0:
            break
        if first is not None:
            surplus -= 1
            gone.append(entry)
        gone += [first] if first in updaters else []
        buckets[entry["apiVersion"]] = entry if first is None else _bucket(first, entry)
    kept = [entry for entry in entries if entry not in gone]
    return ordered([*kept, *(entry for entry in buckets.values() if entry not in updaters)])


def _bucket(first: Entry, entry: Entry) -> Entry:
    fields = shared(union(first["fieldsV1"], entry["fieldsV1"]))
    named = {"manager": ANCIENT, "operation": UPDATE, "apiVersion": entry["apiVersion"]}
    time = {"time": entry["time"]} if "time" in entry else {}
    return {**named, **time, "fieldsType": "FieldsV1", "fieldsV1": fields}


RESET: tuple[Any, ...] = ([], [{}])
"""What a writer sends who wants an object to have no entries any more."""


def given_or(live: list[Entry], metadata: Mapping[str, Any]) -> list[Entry]:
    """The entries that a write starts from: the caller's where it sends good ones, none where it asks for that by an
    empty list, else those of the stored object."""
    given = metadata.get("managedFields")
    if given is None or given is live:
        return live
    if given in RESET:
        return []
    if not all(_is_entry(entry) for entry in given):
        return live
    return [entry for entry in given if entry.get("fieldsV1")]


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("operation") in (APPLY, UPDATE)
        and bool(entry.get("apiVersion"))
        and entry.get("fieldsType") == "FieldsV1"
        and is_field_set(entry.get("fieldsV1") or {})
    )
