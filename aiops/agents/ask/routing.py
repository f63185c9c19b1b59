"""Which kind of question it is; none where it asks for something that the tools do not tell."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.agents.ask.registry import QUESTIONS, QuestionKind
from aiops.agents.ask.understanding import Question

MOST_UNKNOWN = 1
"""Words without a meaning here that a question may hold; a name that does not exist may have two."""


@dataclass(frozen=True, slots=True)
class Route:
    """The kind, and whether the question lacks the name of an object that this kind is about."""

    kind: QuestionKind
    nameless: bool


def route(question: Question) -> Route | None:
    """The kind whose shape fits best; of equals the one whose name comes first."""
    if question.order or not question.words:
        return None
    scored = [(kind.score(question), kind) for kind in QUESTIONS]
    (score, named), kind = max(scored, key=lambda pair: pair[0][0])
    if score <= 0:
        return None
    nameless = named and not question.subjects
    understood = sum(bool(w.name) or bool(w.concepts) for w in question.words)
    most = MOST_UNKNOWN + (1 if nameless or question.unknown_namespace else 0)
    if len(question.unknown) > min(most, understood):
        return None
    return Route(kind, nameless)
