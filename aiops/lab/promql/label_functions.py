"""label_replace and label_join."""

from __future__ import annotations

import re

from aiops.lab.promql.values import PromqlError, Vector, merged
from aiops.lab.tsdb import NAME, labels_of
from aiops.lab.tsdb.matcher import compile_anchored

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def label_replace(vector: Vector, target: str, replacement: str, source: str, pattern: str) -> Vector:
    """Where the whole `source` label matches, set `target` to `replacement`, in which $1 and ${name} are groups."""
    regex = compile_anchored(pattern)
    _check_label(target)
    labels = []
    for own in vector.labels:
        match = regex.fullmatch(dict(own).get(source, ""))
        labels.append(own if match is None else labels_of({**dict(own), target: _expand(replacement, match)}))
    return merged(Vector(labels, vector.values, vector.present))


def label_join(vector: Vector, target: str, separator: str, *sources: str) -> Vector:
    """Set `target` to the values of the `sources`, joined."""
    _check_label(target)
    labels = []
    for own in vector.labels:
        values = dict(own)
        labels.append(labels_of({**values, target: separator.join(values.get(source, "") for source in sources)}))
    return merged(Vector(labels, vector.values, vector.present))


def _check_label(name: str) -> None:
    if not _LABEL.fullmatch(name) and name != NAME:
        raise PromqlError(f"invalid destination label name: {name}")


def _expand(template: str, match: re.Match[str]) -> str:
    """Go's rules: $name is the longest run of word characters; a group that is not there is empty."""

    def value(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        if name.isdecimal():
            return (match[int(name)] or "") if int(name) <= match.re.groups else ""
        return match.groupdict().get(name) or ""

    return _REFERENCE.sub(value, template)
