"""Clients for the commands that read the cluster themselves, as kubectl does: with the user's own credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiops.agents.ask.answering import Fallback
    from aiops.core.settings import Settings
    from aiops.tools.kit.context import Context


@asynccontextmanager
async def reading_context(settings: Settings) -> AsyncIterator[Context]:
    """A context that refuses every change. The history of changes is that of the state folder, where there is one."""
    from aiops.supervisor.services import connect_clients
    from aiops.watch.history import recorded_history

    context, closers = connect_clients(settings)
    history = recorded_history(settings.state_dir)
    try:
        yield replace(context, read_only=True, changes=history)
    finally:
        if history is not None:
            history.close()
        for close in closers:
            await close()


@asynccontextmanager
async def question_fallback(settings: Settings) -> AsyncIterator[Fallback | None]:
    """The model that the settings name, for questions that the tools alone do not answer; None where they name none."""
    if settings.model_url is None and settings.model_file is None:
        yield None
        return
    from aiops.agents.ask.fallback import fallback_to
    from aiops.clients.models.connect import connect_model

    model = connect_model(settings)
    try:
        yield fallback_to(model, settings)
    finally:
        if model is not None:
            await model.close()
