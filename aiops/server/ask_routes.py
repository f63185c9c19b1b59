"""Questions in plain language over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aiops.agents.ask.answering import answer
from aiops.agents.ask.understanding import LONGEST
from aiops.core.answer import Answer
from aiops.server.scan_routes import NAMESPACE
from aiops.supervisor.engine import Engine

router = APIRouter()


class Asked(BaseModel):
    """A question; `namespace` is what the asker has chosen beforehand, if anything."""

    model_config = ConfigDict(extra="forbid")

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
    namespace: str = Field("", max_length=63, pattern=NAMESPACE)


@router.post("/api/ask")
async def ask(request: Request, asked: Asked) -> Answer:
    """The answer with its citations. `answered` is false where the question cannot be answered, and says why."""
    engine: Engine = request.app.state.engine
    fallback = engine.question_fallback()
    return await answer(asked.question, engine.context, namespace=asked.namespace, fallback=fallback)
