"""Asks a model what it thinks of a diagnosis. Whatever goes wrong, the diagnosis of statistics stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aiops.agents.second_opinion.casefile import case_file
from aiops.agents.second_opinion.opinion import Opinion, Reason, form_for
from aiops.agents.second_opinion.weighing import reordered
from aiops.clients.models.budget import Budget, Usage
from aiops.clients.models.errors import ModelError
from aiops.clients.models.grounding import asks_to_act, foreign_names, foreign_numbers
from aiops.clients.models.protocol import CALL_SECONDS, Message, Model
from aiops.clients.models.untrusted import clipped
from aiops.core.answer import Sentence
from aiops.core.clock import Clock
from aiops.core.diagnosis import Diagnosis
from aiops.core.evidence import Evidence
from aiops.core.model import Value
from aiops.core.redaction import redact_text

PROMPT = Path(__file__).with_name("prompt.md")
REPLY_TOKENS = 900
MOST_TEXT = 400


class SecondOpinion(Value):
    """What came of it. `diagnosis` is what counts from now on; `note` says in one sentence what the model did.

    `order` are the numbers of the causes as the model ranked them, empty where it gave no usable reply.
    """

    model: str
    diagnosis: Diagnosis
    note: str
    explanation: tuple[Sentence, ...] = ()
    order: tuple[int, ...] = ()
    usage: Usage


async def second_opinion(
    diagnosis: Diagnosis, evidence: Sequence[Evidence], model: Model, budget: Budget, clock: Clock
) -> SecondOpinion | None:
    """The model's opinion; None where there is nothing to judge: no fault, or no cause that evidence speaks for.

    The call costs `CALL_SECONDS` on a virtual clock, also where it fails."""
    case = case_file(diagnosis, evidence)
    if not diagnosis.fault or not diagnosis.root_causes or not case.evidence:
        return None
    messages = [Message("system", PROMPT.read_text(encoding="utf-8")), Message("user", case.text)]
    form = form_for(len(diagnosis.root_causes), case.evidence)
    await clock.spend(CALL_SECONDS)
    try:
        reply = await model.complete(messages, schema=form, max_tokens=REPLY_TOKENS, budget=budget)
        opinion = _checked(reply.parsed)
    except ModelError as error:
        note = f"no second opinion: {clipped(str(error), MOST_TEXT)}"
        return SecondOpinion(model=model.name, diagnosis=diagnosis, note=note, usage=budget.usage)
    return _weighed(diagnosis, opinion, case.text, model.name, budget.usage)


def _checked(parsed: object) -> Opinion:
    """The opinion; its order must name each candidate once, which no schema can say. Raises `ModelError`."""
    if not isinstance(parsed, Opinion):
        raise ModelError("the reply is no opinion")
    if len(set(parsed.order)) != len(parsed.order):
        raise ModelError(f"the order names a candidate twice: {parsed.order}")
    return parsed


def _weighed(diagnosis: Diagnosis, opinion: Opinion, case: str, model: str, usage: Usage) -> SecondOpinion:
    kept = tuple(sentence for reason in opinion.explanation if (sentence := _sentence(reason, case)))
    if opinion.verdict == "abstain":
        result, did = diagnosis, "cannot tell; the ranking stays"
    elif opinion.verdict == "agree" or opinion.order[0] == 1:
        result, did = diagnosis, "agrees with the first cause"
    else:
        result = reordered(diagnosis, opinion.order, model)
        first = diagnosis.root_causes[opinion.order[0] - 1].subject
        moved = result.root_causes[0].subject == first
        did = f"puts {first} first" if moved else f"would put {first} first, which it may not; the ranking stays"
    dropped = len(opinion.explanation) - len(kept)
    left_out = f" ({dropped} of its sentences name what it was not shown)" if dropped else ""
    order = tuple(opinion.order)
    note = f"{did}{left_out}"
    return SecondOpinion(model=model, diagnosis=result, note=note, explanation=kept, order=order, usage=usage)


def _sentence(reason: Reason, case: str) -> Sentence | None:
    """A sentence of the model that names only what it was shown, and only states."""
    text = " ".join(redact_text(reason.text).split())
    if not text or foreign_names(text, case) or foreign_numbers(text, case) or asks_to_act(text, case):
        return None
    return Sentence(text=clipped(text, MOST_TEXT), cites=tuple(dict.fromkeys(reason.cites)))
