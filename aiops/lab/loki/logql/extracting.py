"""Reads labels out of lines: `json`, `logfmt`, `regexp`, `pattern`, `unpack`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import orjson

from aiops.lab.loki.logql.ast import Parser
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.patterns import compiled

Found = tuple[dict[str, str], str, str | None]
"""(labels, the kind of error where there was one, the new line where there is one)."""

Extractor = Callable[[str], Found]

_WRONG = re.compile(r"[^a-zA-Z0-9_]")
_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[\"([^\"]+)\"\]")
_LOGFMT = re.compile(r'([^\s="]+)(?:=("(?:[^"\\]|\\.)*"|[^\s"]*))?')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def extractor(parser: Parser) -> Extractor:
    """What a stage reads of each line."""
    match parser.kind:
        case "json":
            return _json_fields(parser.fields) if parser.fields else _json
        case "logfmt":
            return _logfmt(dict(parser.fields), "--strict" in parser.flags, "--keep-empty" in parser.flags)
        case "regexp":
            return _regexp(parser.argument)
        case "pattern":
            return _regexp(_pattern_expression(parser.argument), whole=True)
        case "unpack":
            return _unpack
    return _decolorize


def check_pattern(text: str) -> None:
    """Raises `ParseError` where a pattern has no capture, or two without a text between them."""
    parts = _pattern_parts(text)
    if not any(name for name, _ in parts):
        raise ParseError(f"at least one capture is required: '{text}'")
    for before, after in pairwise(parts):
        if before[0] and after[0]:
            raise ParseError(f"found consecutive capture '<{before[0]}><{after[0]}>'")
    names = [name for name, _ in parts if name and name != "_"]
    if len(names) != len(set(names)):
        raise ParseError("duplicate capture name")


def check_expression(path: str) -> None:
    """Raises `ParseError` where the text is no path into a JSON value."""
    if _steps(path) is None:
        raise ParseError(f"cannot parse expression [{path}]")


def _label(name: str) -> str:
    """A name that may stand in a selector."""
    clean = _WRONG.sub("_", name)
    return f"_{clean}" if clean[:1].isdigit() else clean


def _object(line: str) -> dict[str, Any] | None:
    """The JSON object that a line is, or None."""
    try:
        body = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _json(line: str) -> Found:
    body = _object(line)
    if body is None:
        return {}, "JSONParserErr", None
    found: dict[str, str] = {}
    _flatten("", body, found)
    return found, "", None


def _flatten(prefix: str, value: Mapping[str, Any], found: dict[str, str]) -> None:
    for name, inner in value.items():
        key = f"{prefix}_{_label(name)}" if prefix else _label(name)
        if isinstance(inner, dict):
            _flatten(key, inner, found)
        elif not isinstance(inner, list) and inner is not None:
            found[key] = _scalar(inner)


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _json_fields(fields: tuple[tuple[str, str], ...]) -> Extractor:
    paths = [(label, _steps(path) or []) for label, path in fields]

    def extract(line: str) -> Found:
        try:
            body = orjson.loads(line)
        except orjson.JSONDecodeError:
            return dict.fromkeys((label for label, _ in paths), ""), "JSONParserErr", None
        return {label: _at(body, steps) for label, steps in paths}, "", None

    return extract


def _at(value: Any, steps: list[str | int]) -> str:
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return "" if value is None else _scalar(value)


@lru_cache(256)
def _steps(path: str) -> list[str | int] | None:
    found: list[str | int] = []
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None or (path[position] != "." and step[1] and found):
            return None
        found.append(int(step[2]) if step[2] else step[1] or step[3])
        position = step.end()
    return found or None


def _logfmt(fields: Mapping[str, str], strict: bool, keep_empty: bool) -> Extractor:
    wanted = {path: label for label, path in fields.items()}

    def extract(line: str) -> Found:
        found: dict[str, str] = {}
        error, position = "", 0
        for pair in _LOGFMT.finditer(line):
            if strict and line[position : pair.start()].strip():
                error = "LogfmtParserErr"
                break
            position = pair.end()
            name, value = pair[1], pair[2] or ""
            if value.startswith('"'):
                value = re.sub(r"\\(.)", r"\1", value[1:-1].replace("\\n", "\n").replace("\\t", "\t"))
            key = wanted.get(name) if wanted else _label(name)
            if key and (value or keep_empty):
                found.setdefault(key, value)
        for label in fields:
            found.setdefault(label, "")
        return found, error, None

    return extract


def _regexp(expression: str, *, whole: bool = False) -> Extractor:
    pattern = compiled(expression)
    find = pattern.match if whole else pattern.search

    def extract(line: str) -> Found:
        match = find(line)
        return ({k: v for k, v in match.groupdict().items() if v is not None} if match else {}), "", None

    return extract


def _pattern_parts(text: str) -> list[tuple[str, str]]:
    """(name of a capture, "") or ("", literal) in their order."""
    parts = re.split(r"<([A-Za-z_][A-Za-z0-9_]*)>", text)
    return [(part, "") if number % 2 else ("", part) for number, part in enumerate(parts) if part]


def _pattern_expression(text: str) -> str:
    """A regular expression that finds what the pattern does: each capture ends where the next text begins."""
    found = ""
    parts = _pattern_parts(text)
    for number, (name, literal) in enumerate(parts):
        if literal:
            found += re.escape(literal)
            continue
        body = ".*" if number == len(parts) - 1 else ".*?"
        found += f"({body})" if name == "_" else f"(?P<{name}>{body})"
    return f"(?s:{found})"


def _unpack(line: str) -> Found:
    body = _object(line)
    if body is None:
        return {}, "JSONParserErr", None
    texts = {_label(name): value for name, value in body.items() if isinstance(value, str) and name != "_entry"}
    entry = body.get("_entry")
    return texts, "", entry if isinstance(entry, str) else None


def _decolorize(line: str) -> Found:
    return {}, "", _COLOUR.sub("", line)
