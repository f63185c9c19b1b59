"""Answers one question: understands it, finds its kind, and lets that kind answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.known import Known, read_known
from aiops.agents.ask.registry import QUESTIONS, QuestionKind
from aiops.agents.ask.routing import Route, route
from aiops.agents.ask.spelling import near
from aiops.agents.ask.understanding import Question, understand
from aiops.core.answer import Answer
from aiops.core.errors import InvalidInputError, RetryWithOtherArgumentsError, UnknownNameError
from aiops.tools.kit.context import Context

Fallback = Callable[[str, Context], Awaitable[Answer]]
"""Who is asked where no kind fits: a language model with reading tools, where one is configured."""

MOST_NAMES = 8


async def answer(text: str, ctx: Context, *, namespace: str = "", fallback: Fallback | None = None) -> Answer:
    """The answer to a question in plain language, read from the cluster now.

    `namespace` is what the asker has chosen beforehand. Raises `InvalidInputError` for an empty question,
    `ClusterUnreachableError`."""
    if not text.strip():
        raise InvalidInputError("the question is empty")
    known = await read_known(ctx, namespace)
    if namespace and namespace not in known.namespaces:
        raise UnknownNameError("namespace", namespace, known.namespaces)
    now = await ctx.clock.sync()
    question = understand(text, known, now, namespace)
    found = route(question)
    ask = Asking(question, known, ctx, now)
    if found is None:
        if fallback is not None and not question.order:
            return await fallback(text, ctx)
        _decline(ask)
    elif not _misnamed(ask, found, known):
        try:
            await found.kind.answer(ask)
        except (RetryWithOtherArgumentsError, UnknownNameError) as error:
            ask.refuse(str(error))
    return ask.finish()


def _misnamed(ask: Asking, found: Route, known: Known) -> bool:
    """Does the question name a namespace or an object that is not there? Then it is asked back with the nearest."""
    question = ask.question
    if question.unknown_namespace:
        names = [*known.namespaces, *(known.entities if found.nameless else ())]
        ask.refuse(
            f"There is no namespace {question.unknown_namespace!r}. {_choices(question.unknown_namespace, names)}"
        )
        return True
    if found.nameless:
        ask.refuse(_whose(question, found.kind, known))
        return True
    if question.unknown and not question.subjects and any(shape.named for shape in found.kind.shapes):
        ask.refuse(_whose(question, found.kind, known))
        return True
    return False


def _whose(question: Question, kind: QuestionKind, known: Known) -> str:
    names = sorted({e.name for group in known.entities.values() for e in group if e.kind not in ("Pod", "Node")})
    if question.unknown:
        return f"Nothing here is named {question.unknown[0]!r}. {_choices(question.unknown[0], names)}"
    return f"Of what? {_choices('', names)} For example: {kind.examples[0]}"


def _choices(wanted: str, names: list[str]) -> str:
    close = near(wanted, names)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    shown = sorted(set(names))
    more = f" and {len(shown) - MOST_NAMES} more" if len(shown) > MOST_NAMES else ""
    return f"There are: {', '.join(shown[:MOST_NAMES])}{more}." if shown else "None could be seen."


def _decline(ask: Asking) -> None:
    if ask.question.order:
        ask.refuse("I only answer questions here: nothing is changed by asking.")
    else:
        ask.refuse("I can't answer that without a model.")
    ask.table(("what can be asked",), [(example,) for kind in QUESTIONS for example in kind.examples])
