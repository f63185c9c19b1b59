"""Asks a language model where no kind of question fits, if the settings name one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiops.agents.ask.answering import Fallback
from aiops.core.answer import Answer
from aiops.core.settings import Settings
from aiops.tools.kit.context import Context

if TYPE_CHECKING:
    from aiops.clients.models.protocol import Model


def fallback_to(model: Model | None, settings: Settings) -> Fallback | None:
    """Who answers what the tools alone cannot: `model`, each question with a token budget of its own."""
    if model is None:
        return None

    async def ask(text: str, ctx: Context) -> Answer:
        from aiops.agents.ask.with_model import answer_with_model
        from aiops.clients.models.connect import budget_of

        return await answer_with_model(text, ctx, model, budget_of(settings))

    return ask
