"""Delivers what waits in the outbox: at least once, with back-off, and never in the way of an incident."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from aiops.clients.notifiers.message import Channel, Message, UndeliveredError
from aiops.core.clock import monotonic, pause
from aiops.core.errors import ConfigurationError, StorageError
from aiops.core.incident import EventKind
from aiops.core.settings import Settings
from aiops.supervisor.messages import answered, message_of
from aiops.supervisor.outbox import Entry, Outbox
from aiops.supervisor.store import Store

log = logging.getLogger(__name__)

BACK_OFF = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0)
"""Wall seconds between two tries of one message; after one try more than these it is given up."""

DISK_SECONDS = 30.0


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """The receivers that the settings name. Raises `ConfigurationError`."""
    from aiops.clients.notifiers.slack import SlackChannel
    from aiops.clients.notifiers.webhook import WebhookChannel

    channels: list[Channel] = []
    if settings.webhook_url is not None:
        if settings.webhook_secret is None:
            raise ConfigurationError("webhook_url needs webhook_secret: messages are signed with it")
        channels.append(
            WebhookChannel(settings.webhook_url.get_secret_value(), settings.webhook_secret.get_secret_value())
        )
    if settings.slack_webhook_url is not None:
        channels.append(SlackChannel(settings.slack_webhook_url.get_secret_value()))
    return tuple(channels)


async def try_all(channels: Sequence[Channel], message: Message) -> dict[str, str | None]:
    """Send to each channel once, and close it: what went wrong, by channel; None where nothing did."""
    results: dict[str, str | None] = {}
    for channel in channels:
        try:
            await channel.send(message)
            results[channel.name] = None
        except UndeliveredError as error:
            results[channel.name] = str(error)
        finally:
            await channel.close()
    return results


class Notifications:
    """One task for each channel, so that a slow one does not hold up another."""

    def __init__(
        self,
        channels: Sequence[Channel],
        outbox: Outbox,
        store: Store,
        public_url: str | None,
        back_off: Sequence[float] = BACK_OFF,
    ) -> None:
        self._channels = tuple(channels)
        self._outbox = outbox
        self._store = store
        self._public_url = public_url
        self._back_off = tuple(back_off)
        self._news = {channel.name: asyncio.Event() for channel in self._channels}
        self._tasks: list[asyncio.Task[None]] = []
        self._not_before: dict[Entry, float] = {}
        outbox.on_entry(self._wake)

    async def start(self) -> None:
        """Begin with what an earlier process left waiting."""
        self._tasks = [asyncio.create_task(self._work(c), name=f"notify {c.name}") for c in self._channels]

    async def stop(self) -> None:
        """Stop where it stands; what is on its way is sent again after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self._channels:
            await channel.close()

    def _wake(self) -> None:
        for news in self._news.values():
            news.set()

    async def _work(self, channel: Channel) -> None:
        news = self._news[channel.name]
        while True:
            news.clear()
            try:
                wait = await self._deliver_due(channel)
            except StorageError as error:
                log.warning("%s waits: %s", channel.name, error)
                wait = DISK_SECONDS
            try:
                await asyncio.wait_for(news.wait(), wait)
            except TimeoutError:
                await pause(0)

    async def _deliver_due(self, channel: Channel) -> float | None:
        """Try what is due; returns after how many wall seconds the next is, None where nothing waits."""
        for entry in self._outbox.waiting(channel.name):
            if self._due_in(entry) <= 0:
                await self._deliver(channel, entry)
        return min((max(0.0, self._due_in(entry)) for entry in self._outbox.waiting(channel.name)), default=None)

    def _due_in(self, entry: Entry) -> float:
        return self._not_before.get(entry, 0.0) - monotonic()

    async def _deliver(self, channel: Channel, entry: Entry) -> None:
        self._not_before.pop(entry, None)
        if answered(entry, self._store):
            self._outbox.overtaken(entry)
            return
        try:
            await channel.send(message_of(entry, self._store, self._public_url))
        except UndeliveredError as error:
            self._put_off(entry, str(error), error.retry_after)
        except StorageError:
            raise
        except Exception as error:  # the border of one message: one that cannot be made must not stop the others
            log.exception("notification %s", entry.id)
            self._put_off(entry, f"internal error: {type(error).__name__}", 0.0)
        else:
            self._outbox.delivered(entry)

    def _put_off(self, entry: Entry, reason: str, retry_after: float) -> None:
        if entry.tries >= len(self._back_off):
            with self._store.together():
                self._outbox.given_up(entry)
                self._store.add_event(
                    entry.incident,
                    EventKind.NOTE,
                    "notifications",
                    f"not told by {entry.channel} after {entry.tries + 1} tries: {reason}",
                    {"notification": entry.id, "channel": entry.channel},
                    key=f"untold-{entry.channel}-{entry.seq}",
                )
            return
        self._outbox.failed(entry)
        again = Entry(entry.incident, entry.seq, entry.channel, entry.tries + 1)
        self._not_before[again] = monotonic() + max(self._back_off[entry.tries], retry_after)
