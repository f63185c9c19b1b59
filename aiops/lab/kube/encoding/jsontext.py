"""JSON bodies: read strictly, with Go's words for what is wrong, and with the fields that an object names twice."""

from __future__ import annotations

import json
from typing import Any

import orjson

_LITERALS = ("true", "false", "null")
_VALUE = "looking for beginning of value"


class WrongTextError(ValueError):
    """A body that cannot be parsed; the message is that of Go's parser."""


class Repeated(dict[str, Any]):
    """An object in which names stand twice. The last value of each counts."""

    __slots__ = ("names",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        seen: set[str] = set()
        self.names = [name for name, _ in pairs if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def parse_json(content: bytes) -> Any:
    """The value; objects that name a field twice are `Repeated`. Raises WrongTextError."""
    try:
        orjson.loads(content)
        return json.loads(content, object_pairs_hook=_object)
    except RecursionError as error:
        raise WrongTextError("exceeded max depth") from error
    except ValueError as error:
        raise WrongTextError(_go_words(content)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(pairs)


def repeated_fields(value: Any, path: str = "") -> list[str]:
    """The paths of all fields that stand twice: `data.a`, `[1].op`."""
    found: list[str] = []
    if isinstance(value, Repeated):
        found += [f"{path}.{name}".lstrip(".") for name in value.names]
    if isinstance(value, dict):
        for name, item in value.items():
            found += repeated_fields(item, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += repeated_fields(item, f"{path}[{index}]")
    return found


def _go_words(content: bytes) -> str:
    try:
        text = content.decode()
        json.loads(text, parse_constant=_no_constant)
    except UnicodeDecodeError:
        return "invalid character 'ï' " + _VALUE
    except json.JSONDecodeError as error:
        return _words(text, error)
    except RecursionError:
        return "exceeded max depth"
    except ValueError as error:
        return str(error)
    return "invalid character in string literal"


def _no_constant(name: str) -> Any:
    raise ValueError(f"invalid character {name[0]!r} {_VALUE}")


def _words(text: str, error: json.JSONDecodeError) -> str:
    message, place = error.msg, error.pos
    if message.startswith("Unterminated") or place >= len(text):
        return "unexpected end of JSON input"
    if message.startswith("Expecting value"):
        return _wrong_value(text, place)
    if message.startswith("Invalid \\escape"):
        return f"invalid character {_quoted(text, place + 1)} in string escape code"
    where = {
        "Expecting property name": "looking for beginning of object key string",
        "Illegal trailing comma before end of object": "looking for beginning of object key string",
        "Expecting ':'": "after object key",
        "Extra data": "after top-level value",
        "Invalid control character": "in string literal",
        "Illegal trailing comma before end of array": _VALUE,
    }
    for start, words in where.items():
        if message.startswith(start):
            comma = message.startswith("Illegal")
            return f"invalid character {_quoted(text, _behind(text, place + 1) if comma else place)} {words}"
    inside = "array element" if _in_array(text[:place]) else "object key:value pair"
    return f"invalid character {_quoted(text, place)} after {inside}"


def _behind(text: str, place: int) -> int:
    while place < len(text) - 1 and text[place].isspace():
        place += 1
    return place


def _wrong_value(text: str, place: int) -> str:
    for literal in _LITERALS:
        if text[place] == literal[0]:
            same = next(i for i in range(1, 6) if literal[i : i + 1] != text[place + i : place + i + 1])
            if place + same >= len(text):
                return "unexpected end of JSON input"
            return f"invalid character {_quoted(text, place + same)} in literal {literal} (expecting {literal[same]!r})"
    return f"invalid character {_quoted(text, place)} {_VALUE}"


def _in_array(text: str) -> bool:
    """Does the text stop inside an array, not an object?"""
    open_ones: list[str] = []
    quoted = escaped = False
    for char in text:
        if quoted:
            quoted, escaped = escaped or char != '"', not escaped and char == "\\"
        elif char == '"':
            quoted = True
        elif char in "[{":
            open_ones.append(char)
        elif char in "]}" and open_ones:
            open_ones.pop()
    return bool(open_ones) and open_ones[-1] == "["


def _quoted(text: str, place: int) -> str:
    char = text[place].encode()[:1].decode("latin-1")
    return {"'": "'\\''", '"': "'\"'"}.get(char, f"'{json.dumps(char, ensure_ascii=False)[1:-1]}'")
