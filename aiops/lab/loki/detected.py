"""What lines and streams hold, for those who do not know yet: Loki's `detected_fields` and `detected_labels`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiops.core.errors import InvalidInputError
from aiops.lab.loki.engine import LogEngine
from aiops.lab.loki.logql.ast import LogQuery, Parser
from aiops.lab.loki.logql.extracting import extractor
from aiops.lab.loki.logql.levels import DETECTED_LEVEL
from aiops.lab.loki.logql.parser import parse, parse_selector
from aiops.lab.loki.logql.units import bytes_of, seconds_of
from aiops.lab.loki.parameters import Parameters
from aiops.lab.loki.source import LABELS, StreamIndex

LINES, FIELDS = 1000, 1000
"""How many of the newest lines are looked at, and how many fields or values are told, unless a request says so."""

_JSON, _LOGFMT = extractor(Parser("json")), extractor(Parser("logfmt"))
_WHOLE, _NUMBER = re.compile(r"[-+]?\d+"), re.compile(r"[-+]?\d+\.\d+(?:[eE][-+]?\d+)?")


@dataclass(slots=True)
class _Field:
    """The values of a field, in the order in which they were met, and the parsers that read it."""

    values: dict[str, None] = field(default_factory=dict)
    parsers: dict[str, None] = field(default_factory=dict)


def detected_fields(engine: LogEngine, asked: Parameters) -> dict[str, Any]:
    """Each field with its type and its number of values. Raises `InvalidInputError`."""
    limit = asked.count(("field_limit", "limit"), FIELDS)
    fields = list(_fields(engine, asked).items())[:limit]
    told = [
        {
            "label": name,
            "type": type_of(list(each.values)),
            "cardinality": len(each.values),
            "parsers": list(each.parsers) or None,
        }
        for name, each in fields
    ]
    return {"fields": told, "limit": limit}


def detected_values(engine: LogEngine, asked: Parameters, name: str) -> dict[str, Any]:
    """The values of one field. Raises `InvalidInputError`."""
    limit = asked.count(("field_limit", "limit"), FIELDS)
    values = sorted(_fields(engine, asked).get(name, _Field()).values)
    return {"values": values[:limit], "limit": limit}


def detected_labels(index: StreamIndex, asked: Parameters) -> dict[str, Any]:
    """Each label of the streams with its number of values. Raises `InvalidInputError`."""
    text = asked.first("query")
    found: dict[str, set[str]] = {}
    for stream in index.written_between(parse_selector(text) if text else (), *asked.bounds()):
        for name, value in stream.labels.items():
            found.setdefault(name, set()).add(value)
    return {"detectedLabels": [{"label": name, "cardinality": len(found[name])} for name in sorted(found)]}


def type_of(values: list[str]) -> str:
    """What all values of a field are: `int`, `float`, `boolean`, `duration`, `bytes`, or `string`."""
    kinds = {_type(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else "float" if kinds == {"int", "float"} else "string"


def _type(value: str) -> str:
    if _WHOLE.fullmatch(value):
        return "int"
    if _NUMBER.fullmatch(value):
        return "float"
    if value in ("true", "false"):
        return "boolean"
    if seconds_of(value) is not None:
        return "duration"
    return "string" if bytes_of(value) is None else "bytes"


def _fields(engine: LogEngine, asked: Parameters) -> dict[str, _Field]:
    """The fields of the newest lines of a query."""
    query = parse(asked.query())
    if not isinstance(query, LogQuery):
        raise InvalidInputError("only log selector is supported")
    start, end = asked.bounds()
    lines = engine.lines(query, start, end, asked.count(("line_limit",), LINES), backward=True)
    found: dict[str, _Field] = {}
    for labels, entries in sorted(lines.found.items()):
        own = {name: value for name, value in labels if name not in LABELS}
        for _, line in entries:
            for name, value, parser in _read(own, line):
                each = found.setdefault(name, _Field())
                each.values.setdefault(value)
                if parser:
                    each.parsers.setdefault(parser)
    return found


def _read(own: dict[str, str], line: str) -> Iterator[tuple[str, str, str]]:
    """(name, value, the parser that read it) of what a line has beside the labels of its stream."""
    if DETECTED_LEVEL in own:
        yield DETECTED_LEVEL, own[DETECTED_LEVEL], ""
    read, error, _ = _JSON(line)
    parser = "logfmt" if error else "json"
    if error:
        read, _, _ = _LOGFMT(line)
    for name, value in read.items():
        yield f"{name}_extracted" if name in LABELS else name, value, parser
