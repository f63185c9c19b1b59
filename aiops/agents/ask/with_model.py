"""Answers a question by a language model that reads the cluster through tools and must cite what it read."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from aiops.agents.ask.reading_loop import Readings, tool_specs
from aiops.clients.models.budget import Budget
from aiops.clients.models.errors import BudgetSpentError, ModelError
from aiops.clients.models.grounding import asks_to_act, foreign_names
from aiops.clients.models.protocol import CALL_SECONDS, Message, Model
from aiops.clients.models.untrusted import clipped, data_block
from aiops.core.answer import Answer, Sentence
from aiops.core.clock import rfc3339
from aiops.core.redaction import redact_text
from aiops.tools.kit.context import Context

PROMPT = Path(__file__).with_suffix(".md")

MOST_ROUNDS = 5
"""Times that the model may ask for readings."""

CALL_TOKENS = 600
ANSWER_TOKENS = 1_000
MOST_QUESTION = 2_000
MOST_SENTENCES = 10
MOST_TEXT = 400


class Claim(BaseModel):
    """One sentence of the model and the ids of the readings that it rests on."""

    model_config = ConfigDict(extra="forbid")
    text: str
    cites: list[str]


class Written(BaseModel):
    """The answer as the model writes it."""

    model_config = ConfigDict(extra="forbid")
    answered: bool
    sentences: list[Claim] = Field(max_length=2 * MOST_SENTENCES)


async def answer_with_model(question: str, ctx: Context, model: Model, budget: Budget) -> Answer:
    """The model's answer, of which every sentence cites a reading; `answered` is false where it gave none.

    It can call reading tools alone, within the limits of rounds, calls and `budget`. Each call of the model costs
    `CALL_SECONDS` on a virtual clock. Raises `ClusterUnreachableError`."""
    answer = await _asked(question, ctx, model, budget)
    return answer.model_copy(update={"tokens": budget.usage.tokens})


async def _asked(question: str, ctx: Context, model: Model, budget: Budget) -> Answer:
    readings = Readings(ctx)
    messages = [
        Message("system", PROMPT.read_text(encoding="utf-8")),
        Message("user", await _task(question, ctx)),
    ]
    try:
        await _read(messages, readings, model, budget)
        if not readings.citations:
            return _unanswered(question, "The model read nothing that would answer this.", readings, model)
        written = await _write(messages, model, budget, ctx)
    except ModelError as error:
        return _unanswered(question, f"The model gave no answer: {error}", readings, model)
    return _answer(question, written, readings, model)


async def _task(question: str, ctx: Context) -> str:
    now = await ctx.clock.sync()
    where = ", ".join(ctx.namespaces) or "all namespaces"
    asked = data_block("question", redact_text(question), MOST_QUESTION)
    return f"It is {rfc3339(now)}, in unix seconds {now:.0f}. You may look at: {where}.\nThe question:\n{asked}"


async def _read(messages: list[Message], readings: Readings, model: Model, budget: Budget) -> None:
    """Let the model read until it has enough, or a limit is reached."""
    specs = tool_specs()
    for _ in range(MOST_ROUNDS):
        await readings.ctx.clock.spend(CALL_SECONDS)
        try:
            reply = await model.complete(messages, tools=specs, max_tokens=CALL_TOKENS, budget=budget)
        except BudgetSpentError:
            return  # without the tools' schemas there may be enough left to write the answer
        if not reply.tool_calls:
            return
        messages.append(Message("assistant", reply.text, reply.tool_calls))
        messages += [Message("tool", await readings.answer(call), call_id=call.id) for call in reply.tool_calls]
        if readings.full:
            return


async def _write(messages: list[Message], model: Model, budget: Budget, ctx: Context) -> Written:
    await ctx.clock.spend(CALL_SECONDS)
    asked = [*messages, Message("user", "Now write the answer as the JSON object described at the start.")]
    reply = await model.complete(asked, schema=Written, max_tokens=ANSWER_TOKENS, budget=budget)
    if not isinstance(reply.parsed, Written):
        raise ModelError("it asked for tools again instead of answering")
    return reply.parsed


def _answer(question: str, written: Written, readings: Readings, model: Model) -> Answer:
    kept = [sentence for claim in written.sentences if (sentence := _sentence(claim, readings))][:MOST_SENTENCES]
    dropped = len(written.sentences) - len(kept)
    if not kept:
        return _unanswered(question, "Nothing that the model said rests on what it read.", readings, model)
    notes = [Sentence(text=f"{dropped} more of the model's statements rest on nothing it read.")] if dropped else []
    cited = {identity for sentence in kept for identity in sentence.cites}
    return Answer(
        question=question,
        answered=written.answered,
        sentences=(*kept, *notes),
        citations=tuple(c for c in readings.citations.values() if c.id in cited),
        by_model=model.name,
    )


def _sentence(claim: Claim, readings: Readings) -> Sentence | None:
    """The claim where it rests on readings, names nothing else and only states; None where it does not."""
    text = " ".join(redact_text(claim.text).split())
    cites = tuple(dict.fromkeys(identity for identity in claim.cites if identity in readings.citations))
    if not text or not cites or foreign_names(text, readings.shown) or asks_to_act(text, readings.shown):
        return None
    return Sentence(text=clipped(text, MOST_TEXT), cites=cites)


def _unanswered(question: str, why: str, readings: Readings, model: Model) -> Answer:
    return Answer(
        question=question,
        answered=False,
        sentences=(Sentence(text=clipped(why, MOST_TEXT)),),
        citations=tuple(readings.citations.values()),
        by_model=model.name,
    )
