"""Which events still have to be told, and to whom: rows written in the transaction of the event itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from aiops.clients.notifiers.message import Occasion
from aiops.core.incident import EventKind, IncidentEvent, State
from aiops.supervisor.database import Database

ENDS = {
    State.RESOLVED: Occasion.RESOLVED,
    State.ESCALATED: Occasion.ESCALATED,
    State.CLOSED_NO_FAULT: Occasion.NO_FAULT,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event for one channel. `tries` counts those that failed."""

    incident: str
    seq: int
    channel: str
    tries: int

    @property
    def id(self) -> str:
        """What receivers tell repeats by."""
        return f"{self.incident}-{self.seq}"


class Outbox:
    """Rows wait until they were delivered or given up. `occasions` are those that are told."""

    def __init__(self, database: Database, channels: Sequence[str], occasions: Collection[Occasion]) -> None:
        self._database = database
        self._channels = tuple(channels)
        self._occasions = frozenset(occasions)
        self._listeners: list[Callable[[], None]] = []

    def on_entry(self, listener: Callable[[], None]) -> None:
        """Call `listener()` after each new entry. It may not be committed yet: read it in another turn of the loop."""
        self._listeners.append(listener)

    def take(self, event: IncidentEvent) -> None:
        """Remember that an event has to be told. Runs inside the transaction that writes the event."""
        if not self._channels or occasion_of(event) not in self._occasions:
            return
        with self._database.transaction() as connection:
            for channel in self._channels:
                connection.execute(
                    "INSERT OR IGNORE INTO outbox (incident, seq, channel) VALUES (?, ?, ?)",
                    (event.incident, event.seq, channel),
                )
        for listener in self._listeners:
            listener()

    def waiting(self, channel: str) -> list[Entry]:
        """What a channel has not got yet, oldest first."""
        rows = self._database.rows(
            "SELECT incident, seq, channel, tries FROM outbox WHERE channel = ? AND state = 'waiting' ORDER BY rowid",
            channel,
        )
        return [Entry(row["incident"], row["seq"], row["channel"], row["tries"]) for row in rows]

    def delivered(self, entry: Entry) -> None:
        self._finish(entry, "delivered")

    def failed(self, entry: Entry) -> None:
        """Count one more try."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET tries = tries + 1 WHERE incident = ? AND seq = ? AND channel = ?",
                (entry.incident, entry.seq, entry.channel),
            )

    def overtaken(self, entry: Entry) -> None:
        """What it asks for was given meanwhile: it is not told any more."""
        self._finish(entry, "overtaken")

    def given_up(self, entry: Entry) -> None:
        self._finish(entry, "given_up")

    def _finish(self, entry: Entry, state: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE outbox SET state = ?, tries = tries + 1 WHERE incident = ? AND seq = ? AND channel = ?",
                (state, entry.incident, entry.seq, entry.channel),
            )


def occasion_of(event: IncidentEvent) -> Occasion | None:
    """Why people should hear of an event; None for those that stay in the timeline."""
    if event.kind is EventKind.SIGNAL and event.seq == 1:
        return Occasion.OPENED
    if event.kind is EventKind.PROPOSAL:
        return Occasion.APPROVAL
    if event.kind is EventKind.TRANSITION:
        return ENDS.get(State(event.data["to"]))
    return None
