"""What a step waits for, and the paths in answers that scripts name."""

from __future__ import annotations

import re
from typing import Any

_PART = re.compile(
    r"""\.?(?:\["(?P<quoted>[^"]*)"\]|\[(?P<index>\d+)\]|\[(?P<key>\w+)=(?P<value>[^\]]*)\]|(?P<name>[^.\[\]]+))"""
)
OK, NOT_FOUND = 200, 404


def value_at(body: Any, path: str) -> Any:
    """What stands at `path`; None where nothing does. Raises `ValueError` for a path that is none."""
    position = 0
    while position < len(path):
        part = _PART.match(path, position)
        if part is None:
            raise ValueError(f"no path: {path!r}")
        body = _enter(body, part)
        position = part.end()
    return body


def met(until: Any, status: int, body: Any) -> bool:
    """Whether an answer is what is waited for; see the format of scripts for `until`."""
    if until == "gone":
        return status == NOT_FOUND
    if status != OK:
        return False
    if until == "exists":
        return True
    items = (body.get("items") or []) if isinstance(body, dict) else []
    return all(_holds(path, wanted, body, items) for path, wanted in dict(until).items())


def _holds(path: str, wanted: Any, body: Any, items: list[Any]) -> bool:
    if path == "count":
        return bool(len(items) == wanted)
    if path == "any":
        return any(_matches(wanted, item) for item in items)
    if path == "every":
        return bool(items) and all(_matches(wanted, item) for item in items)
    return bool(value_at(body, path) == wanted)


def _matches(wanted: dict[str, Any], item: Any) -> bool:
    return all(bool(value_at(item, path) == value) for path, value in wanted.items())


def _enter(body: Any, part: re.Match[str]) -> Any:
    name = part["name"] if part["name"] is not None else part["quoted"]
    if name is not None:
        return body.get(name) if isinstance(body, dict) else None
    if not isinstance(body, list):
        return None
    if part["index"] is not None:
        index = int(part["index"])
        return body[index] if index < len(body) else None
    return next((each for each in body if isinstance(each, dict) and str(each.get(part["key"])) == part["value"]), None)
