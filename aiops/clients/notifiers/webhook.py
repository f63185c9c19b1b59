"""The generic webhook: the message as JSON, signed."""

from __future__ import annotations

import orjson

from aiops.clients.notifiers.message import Message
from aiops.clients.notifiers.posting import Poster, checked_secret_address
from aiops.clients.notifiers.signature import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from aiops.core.clock import Clock, SystemClock
from aiops.core.errors import ConfigurationError

SHORTEST_SECRET = 16
FORMAT = 1
"""The field `version` of the body: counts up when a field goes or changes its meaning."""


class WebhookChannel:
    """Posts each message to one address. `clock` gives the time that is signed: the wall's."""

    name = "webhook"

    def __init__(self, url: str, secret: str, *, clock: Clock | None = None, seconds: float = 10.0) -> None:
        """Raises `ConfigurationError`."""
        if len(secret) < SHORTEST_SECRET:
            raise ConfigurationError(f"webhook_secret: needs at least {SHORTEST_SECRET} characters to sign with")
        self._secret = secret
        self._clock = clock or SystemClock()
        self._poster = Poster("the webhook", checked_secret_address("webhook_url", url), seconds=seconds)

    async def send(self, message: Message) -> None:
        content = body(message)
        timestamp = int(self._clock.now())
        headers = {
            ID_HEADER: message.id,
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: sign(self._secret, timestamp, content),
        }
        await self._poster.post(content, headers)

    async def close(self) -> None:
        await self._poster.close()


def body(message: Message) -> bytes:
    """The JSON of a message: the fields of `Message`, and `version`."""
    return orjson.dumps({"version": FORMAT, **message.model_dump(mode="json")}, option=orjson.OPT_SORT_KEYS)
