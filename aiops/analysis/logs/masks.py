"""Replaces the parts of a log line that vary from request to request by holes.

Secrets become holes before anything else is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress

from aiops.analysis.logs.varying import VARYING
from aiops.core.redaction import REDACTED, redact_text

HOLE = "<*>"

LONGEST = 4096
"""Characters of a line that are looked at: anybody can write a longer one."""

WORD = re.compile(r"(?:<\*>|(?!\.\.)[^\s=:,;()\[\]{}\"'|])+")
"""What stands between delimiters; leaders (`.....`) are none."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_DIGITS = re.compile(r"0+")
_EMPTY = re.compile(r"(?<= )\(\)(?= )")
_LIST = re.compile(r"<\*>(?: <\*>){4,}")
_ADJACENT = re.compile(r"<\*>(?:<\*>)+")

_SHAPE = str.maketrans("123456789\0", "000000000 ")
"""Makes lines equal that differ in digits only: no rule asks which digit it is."""

_KEPT = "\0"
"""Stands for a run of digits that no rule masks: they are those of a word (`ssh2`, `node-17`)."""

_NAMES_FIELD = ("=", '":')
"""What follows the name of a field, whose digits are no matter of chance."""

Span = tuple[int, int]


@dataclass(slots=True)
class _Variant:
    """Lines of one shape whose fields have the same names: the kept digits of the first, and which of them others
    have otherwise. `text` has `_KEPT` for each."""

    index: int
    text: str
    digits: list[str]
    varies: list[bool]

    def see(self, digits: list[str]) -> None:
        """Take note of the digits of one more line."""
        if digits != self.digits:
            for place, (first, other) in enumerate(zip(self.digits, digits, strict=True)):
                if first != other:
                    self.varies[place] = True


@dataclass(frozen=True, slots=True)
class _Shape:
    """A masked line that keeps digits: `text` has `_KEPT` for each run of them, `spans` are where these stand in a
    line, and `pinned` which of them belong to names of fields."""

    text: str
    spans: tuple[Span, ...]
    pinned: tuple[bool, ...]
    variants: dict[tuple[str, ...], _Variant]


class Masker:
    """Masks the lines of one batch. Lines that differ in digits only are looked at once: they get one masked line, with
    holes for the words in which they differ."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape | _Variant] = {}
        self._plain: dict[str, _Variant] = {}
        self._variants: list[_Variant] = []

    def add(self, line: str) -> int:
        """The index in `masked()` of a line's masked form."""
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
            known = self._shapes[shape] = self._look(shape)
        if isinstance(known, _Variant):
            return known.index
        digits = [line[start:end] for start, end in known.spans]
        names = tuple(compress(digits, known.pinned))
        variant = known.variants.get(names)
        if variant is None:
            variant = known.variants[names] = self._variant(known.text, digits)
        variant.see(digits)
        return variant.index

    def masked(self) -> list[str]:
        """The masked lines, with holes for what varies, and runs of white space as one blank."""
        return [_filled(variant) for variant in self._variants]

    def _look(self, shape: str) -> _Shape | _Variant:
        text = VARYING.sub(HOLE, shape)
        if "0" in text:
            text, spans = _with_kept_digits(shape)
            text = _tidy(text)
            return _Shape(text, tuple(spans), _pinned(text), {})
        known = self._plain.get(text)
        if known is None:
            known = self._plain[text] = self._variant(_tidy(text), [])
        return known

    def _variant(self, text: str, digits: list[str]) -> _Variant:
        variant = _Variant(len(self._variants), text, digits, [False] * len(digits))
        self._variants.append(variant)
        return variant


def mask(line: str) -> str:
    """One line, masked by itself."""
    masker = Masker()
    masker.add(line)
    return masker.masked()[0]


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    return _ADJACENT.sub(HOLE, _LIST.sub(HOLE, _EMPTY.sub(f"({HOLE})", text)))


def _with_kept_digits(shape: str) -> tuple[str, list[Span]]:
    """The masked shape with `_KEPT` for digits that no rule masks, and where these stand."""
    parts: list[str] = []
    spans: list[Span] = []
    position = 0
    for found in VARYING.finditer(shape):
        _keep(shape, position, found.start(), parts, spans)
        parts.append(HOLE)
        position = found.end()
    _keep(shape, position, len(shape), parts, spans)
    return "".join(parts), spans


def _keep(shape: str, start: int, end: int, parts: list[str], spans: list[Span]) -> None:
    spans += (found.span() for found in _DIGITS.finditer(shape, start, end))
    parts.append(_DIGITS.sub(_KEPT, shape[start:end]))


def _pinned(text: str) -> tuple[bool, ...]:
    """Of each `_KEPT` of a text, whether it is in the name of a field."""
    return tuple(
        text.startswith(_NAMES_FIELD, word.end()) for word in WORD.finditer(text) for _ in range(word[0].count(_KEPT))
    )


def _filled(variant: _Variant) -> str:
    if not variant.digits:
        return variant.text
    digits = iter(_KEPT if varies else first for first, varies in zip(variant.digits, variant.varies, strict=True))
    text = "".join(next(digits) if part == _KEPT else part for part in re.split(f"({_KEPT})", variant.text))
    return WORD.sub(lambda word: HOLE if _KEPT in word[0] else word[0], text) if _KEPT in text else text
