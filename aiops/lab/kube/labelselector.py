"""Label selectors as a request writes them: `app=geo,tier in (a,b),!old`.

Source: the `labels` package of apimachinery.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aiops.lab.kube.errors import bad_request
from aiops.lab.kube.kinds.checks.formats import label_key, label_value

_SYMBOLS = frozenset("=!(),><")
_WORDS = frozenset(("in", "notin", "!", "=", "==", "!=", ">", "<", "(", ")", ","))
_BINARY = {"in": "In", "notin": "NotIn", "=": "In", "==": "In", "!=": "NotIn", ">": "Gt", "<": "Lt"}
_END = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One test of a label: In, NotIn, Exists, DoesNotExist, Gt or Lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        if self.operator == "In":
            return value is not None and value in self.values
        if self.operator == "NotIn":
            return value is None or value not in self.values
        if self.operator == "Exists":
            return value is not None
        if self.operator == "DoesNotExist":
            return value is None
        return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        if value is None or not value.lstrip("-").isdecimal() or not self.values[0].lstrip("-").isdecimal():
            return False
        left, right = int(value), int(self.values[0])
        return left > right if self.operator == "Gt" else left < right


@lru_cache(maxsize=1024)
def parse_labels(text: str) -> tuple[Requirement, ...]:
    """Read a label selector. Raises 400."""
    try:
        return tuple(_Parser(text).requirements())
    except ValueError as error:
        raise bad_request(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    is_name: bool = False


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        char = text[place]
        if char in " \t\r\n":
            place += 1
            continue
        start = place
        if char in _SYMBOLS:
            place += 1
            while place < len(text) and text[start : place + 1] in _WORDS:
                place += 1
            yield _Token(text[start:place])
            continue
        while place < len(text) and text[place] not in _SYMBOLS and text[place] not in " \t\r\n":
            place += 1
        word = text[start:place]
        yield _Token(word, word not in _WORDS)
    yield _Token(_END)


class _Parser:
    """A recursive descent over the tokens; messages are the server's."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def _look(self) -> _Token:
        """The next token, as one of values: there `in` and `notin` are names like others."""
        token = self._tokens[min(self._at, len(self._tokens) - 1)]
        return _Token(token.text, True) if token.text in ("in", "notin") else token

    def _take(self) -> _Token:
        token = self._look()
        self._at += 1
        return token

    def requirements(self) -> Iterator[Requirement]:
        while True:
            token = self._look()
            if token.text == _END:
                return
            if not (token.is_name or token.text == "!"):
                raise ValueError(f"found '{token.text}', expected: !, identifier, or 'end of string'")
            try:
                yield self._requirement()
            except ValueError as error:
                raise ValueError(f"unable to parse requirement: {error}") from error
            after = self._take()
            if after.text == _END:
                return
            if after.text != ",":
                raise ValueError(f"found '{after.text}', expected: ',' or 'end of string'")
            following = self._look()
            if not (following.is_name or following.text == "!"):
                raise ValueError(f"found '{following.text}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        token = self._take()
        negated = token.text == "!" and not token.is_name
        if negated:
            token = self._take()
        if not token.is_name:
            raise ValueError(f"found '{token.text}', expected: identifier")
        key = token.text
        if wrong := label_key(key):
            raise ValueError(f'<nil>: Invalid value: "{key}": {"; ".join(wrong)}')
        if negated:
            return Requirement(key, "DoesNotExist")
        if self._look().text in (_END, ","):
            return Requirement(key, "Exists")
        word = self._take().text
        if word not in _BINARY:
            raise ValueError(f"found '{word}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._set() if word in ("in", "notin") else (self._exact(),)
        return Requirement(key, _BINARY[word], tuple(_checked(key, word, sorted(set(values)))))

    def _set(self) -> tuple[str, ...]:
        token = self._take()
        if token.text != "(":
            raise ValueError(f"found '{token.text}' expected: '('")
        token = self._look()
        if token.text == ")":
            self._take()
            return ("",)
        if not token.is_name and token.text != ",":
            raise ValueError(f"found '{token.text}', expected: ',', ')' or identifier")
        values = list(self._values())
        self._take()
        return tuple(values)

    def _values(self) -> Iterator[str]:
        """Names between commas, up to the bracket; nothing between two commas is the empty value."""
        empty = True
        while True:
            token = self._take()
            if token.is_name:
                empty = False
                yield token.text
                after = self._look().text
                if after == ")":
                    return
                if after != ",":
                    raise ValueError(f"found '{after}', expected: ',' or ')'")
            elif token.text == ",":
                if empty:
                    empty = False
                    yield ""
                after = self._look().text
                if after == ")":
                    yield ""
                    return
                if after == ",":
                    yield ""
            else:
                raise ValueError(f"found '{token.text}', expected: ',', or identifier")

    def _exact(self) -> str:
        token = self._look()
        if token.text in (_END, ","):
            return ""
        self._take()
        if token.is_name:
            return token.text
        raise ValueError(f"found '{token.text}', expected: identifier")


def _checked(key: str, word: str, values: list[str]) -> Iterator[str]:
    """The values, each of them one that a label may have."""
    for index, value in enumerate(values):
        if word in (">", "<") and not value.lstrip("+-").isdecimal():
            why = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise ValueError(f'values[{index}]: Invalid value: "{value}": {why}')
    for index, value in enumerate(values):
        if wrong := label_value(value):
            raise ValueError(f'values[{index}][{key}]: Invalid value: "{value}": {"; ".join(wrong)}')
        yield value
