"""Keys that came together with those who read them: a reader cannot start without its key, so it goes first."""

from __future__ import annotations

import re

from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.analysis.state.containers.key_references import KEY_REFS, key_references
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import WORKLOAD_KINDS, Manifest

TOGETHER = 300.0
"""Seconds between a new key and the change that reads it."""

_KEY = re.compile(r"^data(?:\.(?P<plain>[^.\[\]]+)|\[(?P<dotted>[^\]]+)\])$")


def who_reads_what_is_new(
    case: RemedyCase, change: Change, fields: list[FieldChange]
) -> list[tuple[Change, list[FieldChange]]]:
    """The changes by which workloads began to read the keys that a change added to a ConfigMap or Secret."""
    keys = _new_keys(change, fields)
    found = []
    for other in case.changes if keys else ():
        if other.entity.kind not in WORKLOAD_KINDS or abs(other.at - change.at) > TOGETHER:
            continue
        readers = [field for field in other.fields if keys & _read_by(field, change)]
        if readers:
            found.append((other, readers))
    return found


def _new_keys(change: Change, fields: list[FieldChange]) -> set[str]:
    if change.entity.kind not in KEY_REFS.values() or change.verb != "updated":
        return set()
    matched = [_KEY.match(field.path) for field in fields if field.old is None]
    return {match["plain"] or match["dotted"] for match in matched if match is not None}


def _read_by(field: FieldChange, change: Change) -> set[str]:
    """The keys of the changed object that a new variable of a container takes its value from."""
    if field.old is not None or not isinstance(field.new, dict) or "name" not in field.new:
        return set()
    container: Manifest = {"env": [field.new]}
    references = key_references(container, change.entity.namespace)
    return {reference.key for reference in references if reference.config == change.entity and not reference.optional}
