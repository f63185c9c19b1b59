"""What changed of an object that may not change, line by line, as apimachinery's `diff.Diff` shows it."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import Any


def difference(old: Any, new: Any) -> str:
    """A unified diff of two values as indented JSON, without the names of files."""
    lines = unified_diff(_lines(old), _lines(new), n=3)
    return "".join(list(lines)[2:])


def _lines(value: Any) -> list[str]:
    return [f"{line}\n" for line in json.dumps(value, indent=1).split("\n")]


def internal(value: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """A struct as the server's own types write it: every field, in this order, with Go's names."""
    return {name: value.get(name[0].lower() + name[1:]) for name in fields}
