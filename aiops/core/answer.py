"""The answer to a question that a person asked in plain language: sentences, each with what it rests on."""

from __future__ import annotations

from typing import Any

from aiops.core.evidence import Query
from aiops.core.model import Value


class Citation(Value):
    """One reading that sentences rest on: `id` is what they cite, `query` makes it again."""

    id: str
    query: Query
    summary: str


class Sentence(Value):
    """One statement of an answer. `text` may quote the cluster: it is data, never markup."""

    text: str
    cites: tuple[str, ...] = ()


class Table(Value):
    """Rows behind an answer; every cell is text or a number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Answer(Value):
    """`answered` is false where the question could not be answered; `sentences` then say why and what can be asked.

    `by_model` names the model that wrote it; None: it was made from tools alone.
    `tokens` is what that model took, in and out, also where it gave no answer.
    """

    question: str
    answered: bool
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...] = ()
    citations: tuple[Citation, ...] = ()
    by_model: str | None = None
    tokens: int = 0
