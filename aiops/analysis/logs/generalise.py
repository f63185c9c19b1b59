"""Finds which words of masked lines vary, so that lines of one statement get one template.

In the manner of Drain (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): lines are
filed by their form (delimiters, and words that never vary), and joined where they differ little. Unlike Drain it sees
all lines at once, so the result does not depend on their order, and it joins by words instead of a share of equal ones:
a word varies where enough others stand in its place while the rest of the line is equal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, auto
from functools import lru_cache
from itertools import compress

from aiops.analysis.logs.masks import HOLE, WORD

_TOKEN = re.compile(rf"\.{{2,}}|{WORD.pattern}|.", re.DOTALL)
_DELIMITERS = frozenset(" =:,;()[]{}\"'|")
_DIGIT = re.compile("[0-9]")
_NAME_PART = re.compile(r"[._@/\-]")

_LEVELS = frozenset(
    (
        *("trace", "debug", "fine", "info", "notice", "warn", "warning", "err", "error", "severe"),
        *("critical", "fatal", "alert", "emergency", "panic"),
    )
)
"""Two lines of different severity are not the same statement."""

_MESSAGE_KEYS = frozenset(["msg", "message", "event", "err", "error", "exception", "reason", "cause"])
"""Fields whose value is the statement itself."""

MOST_OPEN = 40
"""Words of one line that may vary; what has more is a dump, in which only identifiers are told from words."""


class Kind(IntEnum):
    """What may stand in the place of a token."""

    FIXED = 0  # itself
    IDENTIFIER = auto()  # any other with a digit or a hole
    NAME = auto()  # dotted or dashed
    VALUE = auto()  # what follows a field's name and `=`
    WORD = auto()
    STATE = auto()  # all capitals: the few states of a machine, which are worth telling apart


NEEDED = {Kind.NAME: 3, Kind.VALUE: 3, Kind.WORD: 4, Kind.STATE: 9}
"""Different words in one place from which the place is a hole. Beside a hole, two suffice."""

NEEDED_AFTER = 2
"""The same of a word that follows two words which many different ones follow (`for user ...`)."""

WIDE, WIDE_SHARE = 50, 0.2
"""Different words in one place, and their share of the lines of a form, from which the place is a hole whatever else
these lines have."""

MANY = 4
"""Different words after the same two from which these announce a value."""

ENOUGH = 5000
"""Lines that are looked at for these."""

Row = tuple[str, ...]


@dataclass
class _Form:
    """Lines that are equal in all tokens that never vary. `fixed` has None where a token is open; `rows` are the open
    tokens of the lines, by masked line, and `kinds` theirs."""

    fixed: tuple[str | None, ...]
    rows: dict[str, Row] = field(default_factory=dict)
    kinds: dict[Row, tuple[Kind, ...]] = field(default_factory=dict)

    def tokens(self, row: Row) -> list[str]:
        values = iter(row)
        return [next(values) if token is None else token for token in self.fixed]

    def replace(self, new: dict[Row, Row]) -> None:
        kinds = {}
        for line, row in self.rows.items():
            after = new.get(row, row)
            self.rows[line] = after
            kinds[after] = self.kinds[row]
        self.kinds = kinds


def generalise(masked_lines: Iterable[str]) -> dict[str, str]:
    """Masked line -> its template. Does not depend on the order of the lines."""
    forms = _filed(sorted(set(masked_lines)))
    shared = [form for form in forms if len(form.kinds) > 1]
    for form in shared:
        _join_identifiers(form)
        _open_wide(form)
    announcing = _announcing(forms)
    for form in shared:
        if form.fixed.count(None) <= MOST_OPEN:
            while _join_words(form, announcing):
                pass
    return {line: "".join(form.tokens(row)) for form in forms for line, row in form.rows.items()}


def _filed(lines: Sequence[str]) -> list[_Form]:
    forms: dict[tuple[str | None, ...], _Form] = {}
    for line in lines:
        tokens = _TOKEN.findall(line)
        kinds = _kinds(tokens)
        fixed = tuple([None if kind else token for token, kind in zip(tokens, kinds, strict=True)])
        form = forms.get(fixed) or forms.setdefault(fixed, _Form(fixed))
        row = tuple(compress(tokens, kinds))
        form.rows[line] = row
        form.kinds[row] = tuple(filter(None, kinds))
    return list(forms.values())


def _kinds(tokens: Sequence[str]) -> list[Kind]:
    """The kinds of a line's tokens. Its first word and the names of fields say which statement it is."""
    kinds = list(map(_kind, tokens))
    first = next((index for index, token in enumerate(tokens) if token not in _DELIMITERS), None)
    if first is not None and kinds[first] != Kind.IDENTIFIER:
        kinds[first] = Kind.FIXED
    if "=" in tokens or '"' in tokens:
        for index, kind in enumerate(kinds):
            if kind and tokens[index] != HOLE:
                kinds[index] = _kind_in_field(tokens, index, kind)
    return kinds


@lru_cache(maxsize=65536)
def _kind(token: str) -> Kind:
    """The kind of a token as such."""
    if token in _DELIMITERS:
        return Kind.FIXED
    if HOLE in token or _DIGIT.search(token):
        return Kind.IDENTIFIER
    if not token[-1].isalnum() or token.lower() in _LEVELS:
        return Kind.FIXED
    if _NAME_PART.search(token):
        return Kind.NAME
    if not token.isalpha():
        return Kind.FIXED
    return Kind.STATE if len(token) > 1 and token.isupper() else Kind.WORD


def _kind_in_field(tokens: Sequence[str], index: int, kind: Kind) -> Kind:
    if _names_field(tokens, index):
        return Kind.FIXED
    name = None if kind == Kind.IDENTIFIER else _field_of(tokens, index)
    if name is None:
        return kind
    return Kind.FIXED if name.lower() in _MESSAGE_KEYS else Kind.VALUE


def _names_field(tokens: Sequence[str], index: int) -> bool:
    """Is it the name before `=`, or the quoted one before `:`?"""
    after = tokens[index + 1 : index + 3]
    return after[:1] == ["="] or after == ['"', ":"]


def _field_of(tokens: Sequence[str], index: int) -> str | None:
    """The name of the field whose whole value the token is: `name=token`, `name="token"`, `"name":"token"`."""
    before = list(tokens[max(index - 5, 0) : index])
    if before[-1:] == ['"']:
        if tokens[index + 1 : index + 2] != ['"']:
            return None
        before.pop()
    if before[-1:] == [" "]:
        before.pop()
    if before[-1:] == ["="]:
        return before[-2] if len(before) > 1 else ""
    if before[-2:] == ['"', ":"]:
        return before[-3] if len(before) > 2 else ""
    return None


def _join_identifiers(form: _Form) -> None:
    """Rows that are equal but for identifiers become one, with holes where these differ."""
    alike: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    for row, kinds in form.kinds.items():
        key = tuple(None if kind == Kind.IDENTIFIER else token for token, kind in zip(row, kinds, strict=True))
        alike[key].append(row)
    new: dict[Row, Row] = {}
    for rows in alike.values():
        if len(rows) > 1:
            new.update(dict.fromkeys(rows, _joined(rows)))
    form.replace(new)


def _joined(rows: Sequence[Row]) -> Row:
    return tuple(column[0] if len(set(column)) == 1 else HOLE for column in zip(*rows, strict=True))


def _open_wide(form: _Form) -> None:
    """Put holes where lines of one form have so many different words that they can only be values."""
    rows = list(form.kinds)
    enough = max(WIDE, WIDE_SHARE * len(rows))
    if len(rows) < enough:
        return
    wide = [len(set(column)) >= enough for column in zip(*rows, strict=True)]
    form.replace({row: tuple(HOLE if out else token for token, out in zip(row, wide, strict=True)) for row in rows})


def _announcing(forms: Iterable[_Form]) -> frozenset[tuple[str, str]]:
    """Pairs of words that many different words follow."""
    following: dict[tuple[str, str], set[str]] = defaultdict(set)
    rows = [(form, row) for form in forms for row in form.kinds]
    for form, row in rows[:: 1 + len(rows) // ENOUGH]:
        words = [word for word in form.tokens(row) if not word.isspace()]
        for first, second, word in zip(words, words[1:], words[2:], strict=False):
            if word.isalpha() and second.isalpha() and first.isalpha():
                following[first, second].add(word)
    return frozenset(pair for pair, words in following.items() if len(words) >= MANY)


def _join_words(form: _Form, announcing: frozenset[tuple[str, str]]) -> bool:
    """Put holes where rows differ in one word, and enough of them do; False where there is none."""
    alike: dict[tuple[int, Row], list[Row]] = defaultdict(list)
    for row in sorted(form.kinds):
        for index in range(len(row)):
            alike[index, row[:index] + row[index + 1 :]].append(row)
    new: dict[Row, Row] = {}
    for (index, _), rows in alike.items():
        if len(rows) > 1 and _varies(form, index, rows, announcing):
            joined = (*rows[0][:index], HOLE, *rows[0][index + 1 :])
            for row in rows:
                new.setdefault(row, joined)
    form.replace(new)
    return bool(new)


def _varies(form: _Form, index: int, rows: Sequence[Row], announcing: frozenset[tuple[str, str]]) -> bool:
    if any(row[index] == HOLE for row in rows):
        return True
    kinds = {form.kinds[row][index] for row in rows} - {Kind.IDENTIFIER}
    needed = max((NEEDED[kind] for kind in kinds), default=NEEDED_AFTER)
    if kinds == {Kind.WORD} and _before(form, rows[0], index) in announcing:
        needed = NEEDED_AFTER
    return len(rows) >= needed


def _before(form: _Form, row: Row, index: int) -> tuple[str, str] | None:
    """The two words before the open token `index` of a row."""
    at = [place for place, token in enumerate(form.fixed) if token is None][index]
    tokens = form.tokens(row)[:at]
    if len(tokens) < 4 or tokens[-1] != " " or tokens[-3] != " ":
        return None
    return tokens[-4], tokens[-2]
