"""Questions in plain language over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from aiops.agents.ask.answering import answer
from aiops.agents.ask.understanding import LONGEST
from aiops.core.answer import Answer
from aiops.server.requests import Namespace, TheEngine

router = APIRouter()


class AskRequest(BaseModel):
    """A question; `namespace` is what the asker has chosen beforehand, if anything."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
    namespace: Namespace = ""


@router.post("/api/ask")
async def ask(engine: TheEngine, body: AskRequest) -> Answer:
    """The answer with its citations. `answered` is false where the question cannot be answered, and says why."""
    fallback = engine.question_fallback()
    return await answer(body.question, engine.context, namespace=body.namespace, fallback=fallback)
