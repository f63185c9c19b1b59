"""Server-side apply: a manager says which fields it wants to have, and owns them from then on.

What it says no more is taken away where nobody else has it; what others have conflicts, unless it insists.
Source: the `merge` package of structured-merge-diff, and the managers of apimachinery around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.patching.compare import compare, fields_in
from aiops.lab.kube.patching.fieldmerge import merged, with_parents, without
from aiops.lab.kube.patching.fieldset import FieldSet, difference, has, intersection, members, shown, union
from aiops.lab.kube.patching.managed import APPLY, UPDATE, Entry, Write, identity_of, ordered, tracked, updated
from aiops.lab.kube.patching.managed import without as taken_from
from aiops.lab.kube.patching.merging import empty_of

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KUBECTL = "kubectl"
BEFORE = "before-first-apply"
"""The manager of everything that is there when an object without entries is applied for the first time."""

Path = tuple[str, ...]
Conflicts = list[tuple[Entry, Path]]


def applied(live: Manifest, config: Manifest, write: Write, *, force: bool) -> tuple[Manifest, list[Entry]]:
    """The object and its entries after an apply; the live object itself where the configuration changes nothing.

    `live` of a new object is the kind's empty one. Raises 409 with every field that another manager has with another
    value."""
    entries = list(live["metadata"].get("managedFields") or ())
    if not entries and live["metadata"].get("uid"):
        first = replace(write, manager=BEFORE)
        entries = updated([], empty_of(write.version, str(live["kind"])), live, first)
    own = write.identity(APPLY)
    last = next((each for each in entries if identity_of(each) == own), None)
    others = [each for each in entries if identity_of(each) != own]
    new = _merged(live, config, last, others, write)
    changed, removed = compare(tracked(live, write.ignored), tracked(new, write.ignored), write.merging)
    if not force:
        _check_conflicts(live, others, changed, write)
    left = taken_from(others, changed, removed)
    same = not changed and not removed
    wanted = fields_in(tracked(config, write.ignored), write.merging)
    if not wanted.get("f:metadata"):
        wanted.pop("f:metadata", None)
    if wanted:
        left.append(write.entry(APPLY, wanted, (last or {}).get("time") if same else write.moment))
    if write.manager == KUBECTL and (new["metadata"].get("annotations") or {}).get(LAST_APPLIED):
        return _with_last_applied(new, config), ordered(left)
    stored = bool(live["metadata"].get("uid"))
    return (live if same and stored else new), ordered(left)


def _merged(live: Manifest, config: Manifest, last: Entry | None, others: list[Entry], write: Write) -> Manifest:
    """The live object with the configuration in it, and without what only the last configuration had."""
    merging = write.merging
    config = {name: value for name, value in config.items() if name not in write.ignored}
    whole: Manifest = merged(live, config, merging)
    if last is None:
        return whole
    before = with_parents(last["fieldsV1"])
    there = with_parents(fields_in(whole, merging))
    owned = fields_in(config, merging)
    for entry in others:
        owned = union(owned, entry["fieldsV1"])
    kept = with_parents(fields_in(without(whole, before, merging) or {}, merging))
    shared = without(whole, difference(there, union(kept, with_parents(owned))), merging) or {}
    kept = with_parents(fields_in(shared, merging))
    result: Manifest = without(whole, intersection(difference(there, kept), before), merging)
    return result


def _check_conflicts(live: Manifest, others: list[Entry], changed: FieldSet, write: Write) -> None:
    conflicts = [(entry, path) for entry in others for path in members(intersection(entry["fieldsV1"], changed))]
    if conflicts and write.manager == KUBECTL:
        conflicts = _not_from_client_side(conflicts, live, write)
    if conflicts:
        raise _refused(conflicts)


def _not_from_client_side(conflicts: Conflicts, live: Manifest, write: Write) -> Conflicts:
    """The conflicts but for fields that client-side apply has set and nobody has changed since: kubectl takes them."""
    text = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    try:
        last = orjson.loads(text or "null")
    except orjson.JSONDecodeError:
        return conflicts
    if not isinstance(last, dict) or last.get("apiVersion") != write.version:
        return conflicts
    changed, removed = compare(tracked(last, ()), tracked(live, ()), write.merging)
    allowed = difference(difference(fields_in(last, write.merging), changed), removed)
    return [(entry, path) for entry, path in conflicts if not has(allowed, path)]


def _with_last_applied(new: Manifest, config: Manifest) -> Manifest:
    """The annotation of client-side apply is kept true, so that both kinds of apply can be mixed."""
    metadata = dict(config["metadata"])
    if "annotations" in metadata:
        metadata["annotations"] = {k: v for k, v in metadata["annotations"].items() if k != LAST_APPLIED}
    text = orjson.dumps({**config, "metadata": metadata}, option=orjson.OPT_SORT_KEYS).decode() + "\n"
    annotations = {**new["metadata"]["annotations"], LAST_APPLIED: text}
    return {**new, "metadata": {**new["metadata"], "annotations": annotations}}


def _refused(conflicts: Conflicts) -> ApiError:
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {_who(entry)}", "field": shown(path)}
        for entry, path in conflicts
    ]
    if len(conflicts) == 1:
        entry, path = conflicts[0]
        text = f"Apply failed with 1 conflict: conflict with {_who(entry)}: {shown(path)}"
    else:
        text = f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(_lines(conflicts))
    return ApiError(409, "Conflict", text, {"causes": causes})


def _lines(conflicts: Conflicts) -> Iterator[str]:
    """The paths in conflict under each manager's name."""
    by_manager: dict[str, list[str]] = {}
    for entry, path in conflicts:
        by_manager.setdefault(_who(entry), []).append(shown(path))
    for who in sorted(by_manager):
        yield f"conflicts with {who}:"
        yield from (f"- {path}" for path in by_manager[who])


def _who(entry: Entry) -> str:
    who = f'"{entry.get("manager", "")}"'
    if entry.get("subresource"):
        who += f' with subresource "{entry["subresource"]}"'
    return f"{who} using {entry['apiVersion']}" if entry["operation"] == UPDATE else who
