"""The options of a request in its query, decoded and checked as the API server does it.

Source: `DecodeParameters` of apimachinery, its `ValidateCreateOptions` and so on, and `ValidateListOptions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import QueryParams

from aiops.lab.kube.errors import ApiError, Cause, bad_request

EXACT, NOT_OLDER = "Exact", "NotOlderThan"
MOST_MANAGER = 128
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list, a watch or a deletion of a collection asks for. `timeout` is in seconds, 0 where none is given."""

    labels: str = ""
    fields: str = ""
    limit: int = 0
    token: str = ""
    version: str = ""
    match: str = ""
    timeout: int = 0
    watch: bool = False
    bookmarks: bool = False
    initial_events: bool | None = None


def list_options(query: QueryParams, *, watch: bool = False) -> ListOptions:
    """Decode and check. Raises 400, 422."""
    initial = query.get("sendInitialEvents")
    options = ListOptions(
        labels=query.get("labelSelector", ""),
        fields=query.get("fieldSelector", ""),
        limit=integer(query.get("limit", "")) or 0,
        token=query.get("continue", ""),
        version=query.get("resourceVersion", ""),
        match=query.get("resourceVersionMatch", ""),
        timeout=integer(query.get("timeoutSeconds", "")) or 0,
        watch=watch,
        bookmarks=is_true(query.get("allowWatchBookmarks")),
        initial_events=None if initial is None else is_true(initial),
    )
    refuse("ListOptions", [*_watch_problems(options)] if watch else [*_list_problems(options)])
    return options


def _list_problems(options: ListOptions) -> Iterator[Cause]:
    field = "resourceVersionMatch"
    if options.match:
        if not options.version:
            yield forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        if options.token:
            yield forbidden(field, "resourceVersionMatch is forbidden when continue is provided")
        if options.match not in (EXACT, NOT_OLDER):
            yield unsupported(field, options.match, (EXACT, NOT_OLDER, ""))
        if options.match == EXACT and options.version == "0":
            yield forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if options.initial_events is not None:
        yield forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")


def _watch_problems(options: ListOptions) -> Iterator[Cause]:
    field = "resourceVersionMatch"
    if options.initial_events is None:
        if options.match:
            yield forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
    elif options.match != NOT_OLDER:
        yield forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        if options.match:
            yield unsupported(field, options.match, (NOT_OLDER,))
    if options.token:
        yield forbidden(field, "resourceVersionMatch is forbidden when continue is provided")


def check_write(kind: str, query: QueryParams, *, applies: bool = False, patches: bool = False) -> None:
    """Check the options of a write, of which `kind` (`PatchOptions`) names the object in errors. Raises 422."""
    found: list[Cause] = []
    if patches:
        if applies and not query.get("fieldManager"):
            found.append(Cause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager"))
        if not applies and "force" in query:
            found.append(forbidden("force", "may not be specified for non-apply patch"))
    found += _manager_problems(query.get("fieldManager", ""))
    found += dry_run_problems(query.getlist("dryRun"))
    refuse(kind, found)


def _manager_problems(manager: str) -> Iterator[Cause]:
    if len(manager.encode()) > MOST_MANAGER:
        message = f"Too long: may not be more than {MOST_MANAGER} bytes"
        yield Cause("FieldValueTooLong", message, "fieldManager")
    for position, char in enumerate(manager):
        if not char.isprintable():
            why = f"invalid character U+{ord(char):04X} (at position {position})"
            yield Cause("FieldValueInvalid", f"Invalid value: {_quoted(manager)}: {why}", "fieldManager")


def dry_run_problems(given: Sequence[str]) -> Iterator[Cause]:
    if any(each != "All" for each in given):
        shown = orjson.dumps(list(given)).decode().replace('","', '" "')
        yield Cause("FieldValueNotSupported", f'Unsupported value: {shown}: supported values: "All"', "dryRun")


def integer(text: Any) -> int | None:
    """A number of a query; None where there is none. Raises 400."""
    if text is None or text == "":
        return None
    digits = text[1:] if text[:1] in "+-" else text
    if not (digits.isascii() and digits.isdecimal()):
        raise bad_request(f"strconv.ParseInt: parsing {_quoted(text)}: invalid syntax")
    if int(text) not in _INT64:
        raise bad_request(f"strconv.ParseInt: parsing {_quoted(text)}: value out of range")
    return int(text)


def is_true(text: str | None) -> bool:
    """Everything that is there and says neither `false` nor `0`."""
    return text is not None and text.lower() not in ("false", "0")


def version_problem(version: str) -> str:
    """What is wrong with a resourceVersion; empty where nothing is."""
    if not version or (version.isascii() and version.isdecimal() and int(version) < 2**64):
        return ""
    why = "value out of range" if version.isascii() and version.isdecimal() else "invalid syntax"
    shown = _quoted(version)
    return f"resourceVersion: Invalid value: {shown}: strconv.ParseUint: parsing {shown}: {why}"


def refuse(kind: str, causes: list[Cause]) -> None:
    """Raise 422 where options are wrong."""
    if not causes:
        return
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    told = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    details = {"group": "meta.k8s.io", "kind": kind, "causes": told}
    raise ApiError(422, "Invalid", f'{kind}.meta.k8s.io "" is invalid: {text}', details)


def forbidden(field: str, why: str) -> Cause:
    return Cause("FieldValueForbidden", f"Forbidden: {why}", field)


def unsupported(field: str, value: str, supported: Sequence[str]) -> Cause:
    known = ", ".join(f'"{each}"' for each in supported)
    return Cause("FieldValueNotSupported", f'Unsupported value: "{value}": supported values: {known}', field)


def _quoted(text: str) -> str:
    """As Go quotes a string."""
    names = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(names.get(c) or (c if c.isprintable() else f"\\x{ord(c):02x}") for c in escaped)
    return f'"{shown}"'
