"""Runbooks: what people wrote down about a kind of trouble, and how passages of them are found."""

from __future__ import annotations

from typing import Protocol

from aiops.core.mechanism import Mechanism
from aiops.core.model import Value

MITIGATION = "Mitigation"
"""The heading of the section that says what to do."""


class Section(Value):
    """One part of a runbook under a heading of second order. `text` is markdown, and data."""

    heading: str
    text: str


class Runbook(Value):
    """One file. `name` is its file name without the ending; `own` is true for those of the user's own folder."""

    name: str
    title: str
    mechanisms: tuple[Mechanism, ...]
    applies_to: tuple[str, ...]
    symptoms: tuple[str, ...]
    links: tuple[str, ...]
    sections: tuple[Section, ...]
    own: bool = False

    def section(self, heading: str) -> Section | None:
        """The section of this heading, whatever its case."""
        return next((part for part in self.sections if part.heading.casefold() == heading.casefold()), None)

    def text(self) -> str:
        """All sections as markdown."""
        return "\n\n".join(f"## {part.heading}\n{part.text}" for part in self.sections)


class Passage(Value):
    """One section that a search found. `score` is 0 where nothing fits, and larger the better it fits."""

    runbook: str
    title: str
    heading: str
    text: str
    score: float


class Runbooks(Protocol):
    """What may be read of runbooks. Calls read files and an index: await them in a thread."""

    def get(self, name: str) -> Runbook:
        """Raises `UnknownNameError` with the nearest names."""
        ...

    def search(self, text: str, k: int = 3, mechanism: Mechanism | None = None) -> list[Passage]:
        """The best passage of each of the `k` best runbooks, best first."""
        ...

    def for_mechanism(self, mechanism: Mechanism) -> list[Runbook]:
        """The runbooks about a mechanism: the user's own before those that come with the product."""
        ...
