"""label_replace and label_join."""

from __future__ import annotations

import re
from typing import Any

from aiops.core.errors import InvalidInputError
from aiops.lab.promql.values import PromqlError, Vector, rejoined, renamed
from aiops.lab.tsdb import Labels, labels_of
from aiops.lab.tsdb.matcher import compile_anchored

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def label_replace(vector: Vector, target: str, replacement: str, source: str, pattern: str) -> Vector:
    """Where the whole `source` label matches, set `target` to `replacement`, in which $1 and ${name} are groups."""
    try:
        regex = compile_anchored(pattern)
    except InvalidInputError as error:
        raise PromqlError(f"invalid regular expression in label_replace(): {pattern}") from error
    if not _LABEL.fullmatch(target):
        raise PromqlError(f"invalid destination label name in label_replace(): {target}")

    def change(own: Labels) -> Labels:
        match = regex.fullmatch(dict(own).get(source, ""))
        return own if match is None else labels_of({**dict(own), target: _expand(replacement, match)})

    new = renamed(vector.labels, ("label_replace", target, replacement, source, pattern), change)
    return rejoined(new, vector.values, vector.present)


def label_join(vector: Vector, target: str, separator: str, *sources: str) -> Vector:
    """Set `target` to the values of the `sources`, joined."""
    for source in sources:
        if not _LABEL.fullmatch(source):
            raise PromqlError(f"invalid source label name in label_join(): {source}")
    if not _LABEL.fullmatch(target):
        raise PromqlError(f"invalid destination label name in label_join(): {target}")

    def change(own: Labels) -> Labels:
        values = dict(own)
        return labels_of({**values, target: separator.join(values.get(source, "") for source in sources)})

    new = renamed(vector.labels, ("label_join", target, separator, sources), change)
    return rejoined(new, vector.values, vector.present)


def _expand(template: str, match: Any) -> str:
    """Go's rules: $name is the longest run of word characters; a group that is not there is empty."""

    def value(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name.isdecimal():
            return (match[int(name)] or "") if int(name) <= match.re.groups else ""
        return match.groupdict().get(name) or ""

    return _REFERENCE.sub(value, template)
