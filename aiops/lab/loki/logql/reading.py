"""Tokens with a place among them, and the small things that all parts of a query are made of."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from aiops.lab.loki.logql.ast import Grouping, Matcher, MatchOperator
from aiops.lab.loki.logql.errors import ParseError
from aiops.lab.loki.logql.lexer import Token, place
from aiops.lab.loki.logql.patterns import compiled

_SHOWN = 40
"""Characters of a number that a message shows."""

MATCHES: dict[str, MatchOperator] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}


class TokenReader:
    """The tokens of a query with a place among them."""

    def __init__(self, tokens: Sequence[Token], text: str) -> None:
        self._tokens = tokens
        self._text = text
        self._at = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.here
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def taken(self, text: str) -> bool:
        """Take the next token if it is this word or operator."""
        if self.here.text != text or self.here.kind not in ("word", "operator"):
            return False
        self.take()
        return True

    def expect(self, text: str) -> None:
        if not self.taken(text):
            raise self.unexpected(expecting=text)

    def unexpected(self, token: Token | None = None, expecting: str = "") -> ParseError:
        """The error of a token that cannot stand where it does."""
        token = token or self.here
        more = f", expecting {expecting}" if expecting else ""
        return ParseError(f"syntax error: unexpected {token.name}{more}", *self.place(token))

    def place(self, token: Token) -> tuple[int, int]:
        return place(self._text, token.position)

    def string(self) -> str:
        if self.here.kind != "string":
            raise self.unexpected(expecting="STRING")
        return self.take().text

    def word(self) -> str:
        if self.here.kind != "word":
            raise self.unexpected(expecting="IDENTIFIER")
        return self.take().text

    def number(self) -> float:
        sign = -1.0 if self.taken("-") else 1.0
        if sign > 0:
            self.taken("+")
        if self.here.kind != "number":
            raise self.unexpected(expecting="NUMBER")
        token = self.take()
        try:
            value = float(int(token.text, 16)) if token.text[:2] in ("0x", "0X") else float(token.text)
        except OverflowError:
            value = inf
        if value == inf:
            raise ParseError(f"unable to parse float: {token.text[:_SHOWN]}", *self.place(token))
        return sign * value

    def labels(self) -> tuple[str, ...]:
        """Names in parentheses."""
        self.expect("(")
        found: list[str] = []
        while not self.taken(")"):
            if found:
                self.expect(",")
            found.append(self.word())
        return tuple(found)

    def grouping(self) -> Grouping | None:
        if self.here.kind != "word" or self.here.text not in ("by", "without"):
            return None
        without = self.take().text == "without"
        return Grouping(self.labels(), without)

    def matcher(self) -> Matcher:
        name = self.word()
        operator = MATCHES.get(self.here.text) if self.here.kind == "operator" else None
        if operator is None:
            raise self.unexpected(expecting="= or != or =~ or !~")
        self.take()
        return Matcher(name, operator, self.pattern_or_text(operator))

    def pattern_or_text(self, operator: str) -> str:
        value = self.string()
        if operator in ("=~", "!~", "|~"):
            compiled(value)
        return value
