"""Cuts a query into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from aiops.lab.loki.logql.errors import ParseError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<duration>(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhdwy]))+(?!\w))
    |(?P<bytes>\d+(?:\.\d+)?(?:[kKmMgGtTpPeE]i?)?[bB](?!\w))
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<flag>--[a-z][a-z-]*)
    |(?P<operator>\|=|\|~|\|>|!>|!=|!~|=~|==|>=|<=|[|{}()\[\],=<>+\-*/%^])
    """,
    re.VERBOSE,
)
_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"', "'": "'",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))")
_NAMES = {"word": "IDENTIFIER", "string": "STRING", "number": "NUMBER", "duration": "DURATION", "bytes": "BYTES"}

END = "end"


class Token(NamedTuple):
    """`kind` is `word`, `string` (its value unquoted), `duration`, `bytes`, `number`, `flag`, `operator`
    or `end`."""

    kind: str
    text: str
    position: int

    @property
    def name(self) -> str:
        """What Loki's messages call it."""
        return "$end" if self.kind == END else _NAMES.get(self.kind, self.text)


def tokens_of(text: str) -> list[Token]:
    """All tokens with `end` after the last. Raises `ParseError`."""
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            line, column = place(text, position)
            reason = "literal not terminated" if text[position] in '"`' else f"unexpected {text[position]!r}"
            raise ParseError(reason if text[position] in '"`' else f"syntax error: {reason}", line, column)
        kind = str(match.lastgroup)
        if kind == "string":
            found.append(Token(kind, _unquoted(text, match), position))
        elif kind != "space":
            found.append(Token(kind, match[0], position))
        position = match.end()
    return [*found, Token(END, "", len(text))]


def place(text: str, position: int) -> tuple[int, int]:
    """(line, column) of a position, from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def quoted(text: str) -> str:
    """The text as a string literal."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'


def _unquoted(text: str, match: re.Match[str]) -> str:
    body = match[0][1:-1]
    if match[0][0] == "`" or "\\" not in body:
        return body

    def replaced(escape: re.Match[str]) -> str:
        simple, two, four, eight, octal, wrong = escape.groups()
        code = int(octal, 8) if octal else int(two or four or eight or "0", 16)
        if wrong or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise ParseError("invalid char escape", *place(text, match.start()))
        return _ESCAPES[simple] if simple else chr(code)

    return _ESCAPE.sub(replaced, body)
