"""Answers that one request of a client has waited for.

A write is one step that nothing interrupts, so it cannot wait in its middle. Where an answer is missing the write gives
up with `AnswerNeeded`; the API waits for the answer, while others are served, and tries the write again.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiops.lab.kube.admission.webhooks.calling import Call, post
from aiops.lab.kube.admission.webhooks.review import CallFailedError

MOST_CALLS = 50
"""Webhook calls for one request; more are a webhook and a client that never agree."""


class AnswerNeededError(Exception):
    """The write has to wait for a webhook."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.url)
        self.call = call


class Answers:
    """What webhooks said to one request."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def get(self, call: Call) -> Any:
        """The answer to a call. Raises CallFailedError, or AnswerNeededError where it was not asked yet."""
        if call.key not in self._known:
            raise AnswerNeededError(call)
        found = self._known[call.key]
        if isinstance(found, CallFailedError):
            raise found
        return found

    async def fetch(self, call: Call) -> None:
        """Ask, without holding anybody up."""
        try:
            self._known[call.key] = await asyncio.to_thread(post, call)
        except CallFailedError as error:
            self._known[call.key] = error
