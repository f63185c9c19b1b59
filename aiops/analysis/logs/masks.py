"""Replaces the parts of a log line that vary from request to request by holes.

The rules are those by which corrected templates of public logs were made (Khan et al., "Guidelines for Assessing the
Accuracy of Log Message Template Identification Techniques", ICSE 2022): times, numbers, addresses, paths, identifiers
and truth values vary, words do not. No rule knows a system. Secrets become holes before anything else is looked at.
"""

from __future__ import annotations

import re

from aiops.core.redaction import REDACTED, redact_text

HOLE = "<*>"

LONGEST = 4096
"""Characters of a line that are looked at: anybody can write a longer one."""

_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HEX = "[0-9a-fA-F]"
_END = r"(?!\w)"
_IN_PATH = r"[^\s\"'<>()\[\]{},;|:=]"

# Anybody can write a log line, so each pattern takes time in proportion to its length. All of them begin where a word
# may begin, which is what keeps them fast.
_VARYING = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        (
            rf"{_DAY},? {_MONTH} +[0-9]{{1,2}} {_CLOCK}(?: [A-Z]{{3,4}})?(?: [0-9]{{4}})?{_END}",
            rf"{_MONTH} +[0-9]{{1,2}} {_CLOCK}{_END}",
            rf"[0-9]{{4}}[-/.][0-9]{{2}}[-/.][0-9]{{2}}[T ]{_CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?{_END}",
            r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s\"'<>()\[\]{},;|]*[^\s\"'<>()\[\]{},;|.:]",
            r"[A-Za-z]:\\[^\s\"'<>|]*",
            rf"(?:[A-Za-z][A-Za-z0-9\-]{{0,62}}+\.){{2,8}}+(?<=\.)[A-Za-z]{{2,63}}+:[0-9]{{2,5}}{_END}",
            rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}{_END}",
            rf"(?:{_HEX}{{2}}:){{5,}}{_HEX}{{2}}{_END}",
            rf"/?[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}(?:[:/][0-9]+)?{_END}",
            rf"\.{{0,2}}/(?=[^\s/]){_IN_PATH}*(?!\.){_IN_PATH}(?:\.(?=\s))?",
            r"(?<=[a-z0-9]-)(?=[a-z]*[0-9])[a-z0-9]{6,10}-[a-z0-9]{5}" + _END,
            rf"0[xX]{_HEX}++{_END}",
            rf"{_HEX}{{8,}}+{_END}",
            rf"v[0-9]+(?:\.[0-9]+)+{_END}",
            r"[-+]?[0-9]\w*(?:[.\-@+/]\w+|[:,][0-9]\w*)*",
            r"[A-Za-z]++_-?[0-9]\w*(?:[.\-]\w+)*",
            r"[A-Za-z]\w*[0-9]{4}\w*",
            r"(?:true|True|TRUE|false|False|FALSE|null)(?![\w\-])",
        )
    )
    + ")"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_DIGITS = re.compile(r"0+")
_EMPTY = re.compile(r"(?<= )\(\)(?= )")
_LIST = re.compile(r"<\*>(?: <\*>){4,}")
_ADJACENT = re.compile(r"<\*>(?:<\*>)+")

_SHAPE = str.maketrans("123456789\0", "000000000 ")
"""Makes lines equal that differ in digits only: no rule asks which digit it is."""

Span = tuple[int, int]


class Masker:
    """Masks the lines of one batch. What differs in digits only is looked at once."""

    def __init__(self) -> None:
        self._shapes: dict[str, tuple[str, tuple[Span, ...]]] = {}

    def mask(self, line: str) -> str:
        """The line with holes for what varies, and runs of white space as one blank."""
        line = line[:LONGEST]
        if "\x1b" in line:
            line = _COLOUR.sub("", line)
        if REDACTED in line:
            line = line.replace(REDACTED, HOLE)
        shape = line.translate(_SHAPE)
        known = self._shapes.get(shape)
        if known is None:
            if redact_text(shape) != shape:
                line = redact_text(line).replace(REDACTED, HOLE)
                shape = line.translate(_SHAPE)
            known = self._shapes[shape] = _masked(shape)
        text, kept = known
        return text % tuple(line[start:end] for start, end in kept) if kept else text


def mask(line: str) -> str:
    """One line, as `Masker.mask` gives it."""
    return Masker().mask(line)


def _masked(shape: str) -> tuple[str, tuple[Span, ...]]:
    """The masked shape, and where the digits that it keeps stand in the line: with any of them it is a format for `%`,
    with a `%s` for each."""
    parts: list[str] = []
    kept: list[Span] = []
    position = 0
    for found in _VARYING.finditer(shape):
        _keep(shape, position, found.start(), parts, kept)
        parts.append(HOLE)
        position = found.end()
    _keep(shape, position, len(shape), parts, kept)
    text = " ".join("".join(parts).split())
    text = _ADJACENT.sub(HOLE, _LIST.sub(HOLE, _EMPTY.sub(f"({HOLE})", text)))
    return (text.replace("%", "%%").replace("\0", "%s") if kept else text), tuple(kept)


def _keep(shape: str, start: int, end: int, parts: list[str], kept: list[Span]) -> None:
    kept += (found.span() for found in _DIGITS.finditer(shape, start, end))
    parts.append(_DIGITS.sub("\0", shape[start:end]))
