"""What one answer is made with: the question, reading tools, and the sentences so far."""

from __future__ import annotations

from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

from aiops.agents.ask.known import Known
from aiops.agents.ask.understanding import Question
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.toolbox import Toolbox, query
from aiops.core.answer import Answer, Citation, Sentence, Table
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Query, Window
from aiops.core.redaction import redact_text
from aiops.core.text import cut
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS, Tool

P = ParamSpec("P")
R = TypeVar("R", bound=BaseModel)

MOST_ROWS = 30
"""Rows of a table: an answer is read by a person."""

MOST_TEXT = 400


class Asking:
    """Collects an answer. `now` is the cluster's time in unix seconds."""

    def __init__(self, question: Question, known: Known, ctx: Context, now: float) -> None:
        self.question = question
        self.known = known
        self.ctx = ctx
        self.now = now
        self.answered = True
        self._tools = Toolbox(ctx, TOOLS.names())
        self._sentences: list[Sentence] = []
        self._tables: list[Table] = []
        self._citations: dict[str, Citation] = {}

    @property
    def namespace(self) -> str:
        """The namespace that the question is about; empty for all."""
        return self.question.namespace

    def where(self) -> str:
        """The place that the answer is about, as it ends a sentence."""
        if self.namespace:
            return f"in {self.namespace}"
        return f"in {', '.join(self.ctx.namespaces)}" if self.ctx.namespaces else "in any namespace"

    def window(self, seconds: float) -> Window:
        """The last seconds, or as many as the question says."""
        return Window(start=self.now - (self.question.seconds or seconds), end=self.now)

    async def read(self, tool: Tool[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
        """A tool's result; None where it could not be had, which the answer then says."""
        return await self._tools.read(tool, *args, **kwargs)

    async def objects(self, kind: str, namespace: str = "") -> list[Manifest]:
        """All objects of one kind, in all namespaces that may be looked at where none is given."""
        return await read_kind(self._tools, kind, namespace)

    @property
    def blind(self) -> bool:
        """Was there something that could not be read?"""
        return bool(self._tools.missing)

    def cite(self, tool: Tool[..., Any], summary: str, **arguments: Any) -> str:
        """The id of a citation of one tool call."""
        return self.cite_query(query(tool, **arguments), summary)

    def cite_query(self, made: Query, summary: str, identity: str = "") -> str:
        """The id of a citation of a call that was made elsewhere."""
        identity = identity or f"c{len(self._citations) + 1}"
        self._citations[identity] = Citation(id=identity, query=made, summary=_short(summary))
        return identity

    def say(self, text: str, *cites: str) -> None:
        """Add a sentence, and the ids of what it rests on."""
        self._sentences.append(Sentence(text=_short(text), cites=cites))

    def refuse(self, text: str) -> None:
        """Say why there is no answer."""
        self.answered = False
        self.say(text)

    def table(self, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        """Add a table; rows that are too many are counted in a sentence."""
        kept = tuple(tuple(_short(c) if isinstance(c, str) else c for c in row) for row in rows[:MOST_ROWS])
        self._tables.append(Table(columns=columns, rows=kept))
        if len(rows) > len(kept):
            self.say(f"{len(rows) - len(kept)} more are not shown.")

    def workload(self) -> Entity | None:
        """The one workload that the question names. Where there are several, it asks back and gives None."""
        found: list[Entity] = []
        for subject in self.question.subjects:
            found += self.known.workloads(subject)
        chosen = list(dict.fromkeys(found))
        if len(chosen) == 1:
            return chosen[0]
        if not chosen:
            named = ", ".join(map(str, self.question.subjects))
            self.refuse(f"No workload stands behind {named}.")
        else:
            self.refuse(
                f"Which one do you mean: {', '.join(map(str, chosen[:8]))}? Name its namespace, or one of them."
            )
        return None

    def finish(self) -> Answer:
        """The answer: what was assumed first, what could not be seen last."""
        notes = [Sentence(text=_short(note)) for note in self.question.notes]
        unseen = [Sentence(text=_short(f"Not seen: {note}")) for note in (*self.known.missing, *self._tools.missing)]
        return Answer(
            question=self.question.text,
            answered=self.answered,
            sentences=(*notes, *self._sentences, *unseen),
            tables=tuple(self._tables),
            citations=tuple(self._citations.values()),
        )


def _short(text: str) -> str:
    return cut(redact_text(text), MOST_TEXT)
