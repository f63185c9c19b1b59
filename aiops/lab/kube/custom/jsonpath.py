"""The part of JSONPath that definitions use: fields, indexes, `[*]` and filters of equality."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from aiops.core.errors import InvalidInputError

_STEP = re.compile(
    r"""\.(?P<field>[A-Za-z_][\w-]*)
      | \[(?P<quote>['"])(?P<quoted>[^'"]+)(?P=quote)\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<all>\*)\]
      | \[\?\(@\.(?P<key>[\w.-]+)\s*==\s*(?P<q>['"]?)(?P<value>[^'"\])]*)(?P=q)\)\]""",
    re.VERBOSE,
)
Step = tuple[str, str, str]
"""What kind of step (`field`, `index`, `all`, `filter`), and its one or two arguments."""


@lru_cache(maxsize=1024)
def parse_path(text: str) -> tuple[Step, ...]:
    """Read `.status.conditions[?(@.type=="Ready")].status`. Raises `InvalidInputError`."""
    body = text.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    body = body.replace(r"\.", "\0")
    steps: list[Step] = []
    position = 0
    while position < len(body):
        match = _step(body, position)
        if match is None:
            raise InvalidInputError(f"not a path: {text!r}")
        steps.append(_read(match))
        position = match.end()
    return tuple(steps)


def _step(body: str, position: int) -> re.Match[str] | None:
    found = _STEP.match(body, position)
    if found and found["field"] and body[found.end() : found.end() + 1] == "\0":
        return re.compile(r"\.(?P<field>[^.\[]+)(?P<quoted>)?(?P<index>)?(?P<all>)?(?P<key>)?").match(body, position)
    return found


def _read(match: re.Match[str]) -> Step:
    if match["field"]:
        return "field", match["field"].replace("\0", "."), ""
    if match["quoted"]:
        return "field", match["quoted"].replace("\0", "."), ""
    if match["index"]:
        return "index", match["index"], ""
    if match["all"]:
        return "all", "", ""
    return "filter", match["key"], match["value"]


def find(value: Any, path: str) -> list[Any]:
    """Everything that a path leads to, in the order of the document."""
    found = [value]
    for kind, name, wanted in parse_path(path):
        found = [item for place in found for item in _next(place, kind, name, wanted)]
    return found


def _next(place: Any, kind: str, name: str, wanted: str) -> list[Any]:
    if kind == "field":
        return [place[name]] if isinstance(place, dict) and name in place else []
    if not isinstance(place, list):
        return list(place.values()) if kind == "all" and isinstance(place, dict) else []
    if kind == "all":
        return list(place)
    if kind == "index":
        at = int(name)
        return [place[at]] if -len(place) <= at < len(place) else []
    return [item for item in place if isinstance(item, dict) and str(_deep(item, name)) == wanted]


def _deep(item: Any, name: str) -> Any:
    for part in name.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    return item


def first(value: Any, path: str) -> Any:
    """The first value at a path, or None."""
    found = find(value, path)
    return found[0] if found else None


def assign(value: dict[str, Any], path: str, new: Any) -> None:
    """Set the field at a plain path (`.spec.replicas`), making the maps on the way."""
    *way, last = (name for _, name, _ in parse_path(path))
    for name in way:
        value = value.setdefault(name, {})
    value[last] = new
