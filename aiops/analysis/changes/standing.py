"""Which changes still stand: a setting that was changed and changed back is no cause of what is wrong now."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.core.changes import Change, FieldChange

Key = tuple[str, str]


def standing(changes: Sequence[Change]) -> list[Change]:
    """The changes without the fields that a later change gave their first value back, in the order given.

    A change of which no field stands is left out; so is an object that was created and deleted again.
    """
    written: dict[Key, list[FieldChange]] = {}
    verbs: dict[str, list[str]] = {}
    for change in sorted(changes, key=lambda one: one.at):
        verbs.setdefault(str(change.entity), []).append(change.verb)
        for field in change.fields:
            written.setdefault((str(change.entity), field.path), []).append(field)
    mended = {key for key, fields in written.items() if len(fields) > 1 and fields[0].old == fields[-1].new}
    passed = {name for name, said in verbs.items() if (said[0], said[-1]) == ("created", "deleted")}
    kept = (_without(change, mended) for change in changes if str(change.entity) not in passed)
    return [change for change in kept if change is not None]


def _without(change: Change, mended: set[Key]) -> Change | None:
    fields = tuple(field for field in change.fields if (str(change.entity), field.path) not in mended)
    if len(fields) == len(change.fields):
        return change
    return change.model_copy(update={"fields": fields}) if fields else None
