"""The kinds of question that can be answered from tools alone: one file each, found by their decorator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.understanding import Question
from aiops.core.registry import Registry

VETOES = ("advice", "howto", "future", "writing", "money", "weather")
"""Concepts with which a question wants more than a look at the cluster."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which a kind is asked.

    `needs`: of each group one concept must be there. `helps` make it likelier. With one of `never` it is not meant.
    `allows` are vetoes that do not hold for it. `named`: it needs the name of an object.
    """

    needs: tuple[tuple[str, ...], ...]
    helps: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    named: bool = False

    def score(self, question: Question) -> float:
        """How well the question has this shape; 0 where it has not."""
        vetoed = question.has(*(veto for veto in VETOES if veto not in self.allows))
        if vetoed or question.has(*self.never) or not all(question.has(*group) for group in self.needs):
            return 0.0
        named = 0.5 if self.named and question.subjects else 0.0
        return len(self.needs) + named + 0.25 * sum(question.has(concept) for concept in self.helps)


Answering = Callable[[Asking], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """`examples` are shown to people who ask something else; `purpose` says what is answered."""

    name: str
    examples: tuple[str, ...]
    shapes: tuple[Shape, ...]
    purpose: str
    answer: Answering

    def score(self, question: Question) -> tuple[float, bool]:
        """The score of the best shape, and whether that shape needs a name."""
        scores = [(shape.score(question), shape.named) for shape in self.shapes]
        return max(scores, key=lambda pair: pair[0])


QUESTIONS: Registry[QuestionKind] = Registry("question kind", "aiops.agents.ask.kinds")


def question(*, name: str, examples: tuple[str, ...], shapes: tuple[Shape, ...]) -> Callable[[Answering], Answering]:
    """Register a function that answers one kind of question. Its docstring says what it answers."""

    def register(function: Answering) -> Answering:
        purpose = " ".join((function.__doc__ or "").split())
        QUESTIONS.add(name, QuestionKind(name, examples, shapes, purpose, function))
        return function

    return register
