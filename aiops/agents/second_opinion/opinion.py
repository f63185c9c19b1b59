"""The form of a second opinion: only candidates and ids of evidence that exist can be named in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

MOST_SENTENCES = 6

Verdict = Literal["agree", "reorder", "abstain"]


class Reason(BaseModel):
    """One sentence of the explanation, with the ids of the evidence that it rests on."""

    model_config = ConfigDict(extra="forbid")
    text: str
    cites: list[str]


class Opinion(BaseModel):
    """`order` holds numbers of candidates, counted from 1, best first."""

    model_config = ConfigDict(extra="forbid")
    verdict: Verdict
    order: list[int]
    explanation: list[Reason]


def form_for(candidates: int, evidence: Sequence[str]) -> type[Opinion]:
    """The form for one case, in which nothing can be named that is not there.

    A grammar made from it cannot even produce another number or id; a reply from elsewhere is checked against it."""
    identity: Any = Literal[tuple(evidence)]
    number: Any = Literal[tuple(range(1, candidates + 1))]
    reason = create_model("Reason", __base__=Reason, cites=(list[identity], Field(min_length=1, max_length=6)))
    return create_model(
        "Opinion",
        __base__=Opinion,
        order=(list[number], Field(min_length=candidates, max_length=candidates)),
        explanation=(list[reason], Field(max_length=MOST_SENTENCES)),
    )
