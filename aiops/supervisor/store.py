"""Incidents, their signals, timelines and approvals, kept in the database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

from pydantic import JsonValue

from aiops.core.action import Action
from aiops.core.diagnosis import Diagnosis
from aiops.core.errors import ApprovalError, InvalidInputError, NotFoundError
from aiops.core.evidence import Evidence
from aiops.core.incident import FINAL, EventKind, Incident, IncidentEvent, Signal, State, check_transition
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.database import Database
from aiops.supervisor.grouping import Unfinished

SOURCES = {"alert": "webhook", "question": "a person", "finding": "watcher"}
"""Who a signal of a kind comes from, as the timeline names it."""


class Store:
    """Every write is one transaction. `now` is the incidents' clock."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._listeners: list[Callable[[str], None]] = []
        self._writers: list[Callable[[IncidentEvent], None]] = []

    def on_event(self, listener: Callable[[str], None]) -> None:
        """Call `listener(incident id)` after each new event."""
        self._listeners.append(listener)

    def with_each_event(self, writer: Callable[[IncidentEvent], None]) -> None:
        """Call `writer(event)` inside the transaction of each new event: what it writes is stored with it or not."""
        self._writers.append(writer)

    def together(self) -> AbstractContextManager[object]:
        """All writes inside are stored, or none is; one wait for the disk instead of one for each."""
        return self._database.transaction()

    # --- incidents and signals ---

    def open_incident(self, signal: Signal, namespaces: tuple[str, ...]) -> Incident:
        """A new incident for its first signal. Its id follows from the signal, so that it is the same on a replay."""
        with self._database.transaction() as connection:
            incident = Incident(
                id=_new_id(connection, signal),
                title=signal.title,
                state=State.OPEN,
                namespaces=namespaces,
                signals=(),
                opened_at=self._now(),
                updated_at=self._now(),
            )
            connection.execute(
                "INSERT INTO incidents VALUES (?, ?, ?, ?)",
                (incident.id, incident.state, incident.opened_at, incident.model_dump_json()),
            )
            _insert_signal(connection, incident.id, signal)
            self.add_event(
                incident.id, EventKind.SIGNAL, SOURCES[signal.kind], signal.title, _signal_data(signal), key=signal.id
            )
        return self.incident(incident.id)

    def add_signal(self, incident_id: str, signal: Signal) -> None:
        """Add a signal to an incident; the same signal again only brings its latest text."""
        with self._database.transaction() as connection:
            _insert_signal(connection, incident_id, signal)
        word = "resolved: " if signal.resolved else ""
        key = f"{signal.id}:{'resolved' if signal.resolved else 'firing'}"
        source, told = SOURCES[signal.kind], word + signal.title
        self.add_event(incident_id, EventKind.SIGNAL, source, told, _signal_data(signal), key=key)

    def incident(self, incident_id: str) -> Incident:
        """Raises `NotFoundError`."""
        row = self._database.row("SELECT * FROM incidents WHERE id = ?", incident_id)
        if row is None:
            raise NotFoundError(f"no incident {incident_id!r}")
        return self._read(row)

    def incidents(self, *, unfinished: bool = False) -> list[Incident]:
        """All incidents, newest first; with `unfinished` those that are not in a final state."""
        rows = self._database.rows("SELECT * FROM incidents ORDER BY opened_at DESC, id")
        return [self._read(row) for row in rows if not (unfinished and State(row["state"]) in FINAL)]

    def unfinished(self) -> dict[str, Unfinished]:
        """The incidents that are not in a final state, newest first, by their ids."""
        rows = self._database.rows(
            "SELECT id, body, opened_at, (SELECT MAX(received_at) FROM signals WHERE incident = incidents.id) AS heard "
            "FROM incidents WHERE state NOT IN (SELECT value FROM json_each(?)) ORDER BY opened_at DESC, id",
            json.dumps(sorted(FINAL)),
        )
        return {
            row["id"]: Unfinished(
                namespaces=tuple(json.loads(row["body"])["namespaces"]),
                heard=row["opened_at"] if row["heard"] is None else row["heard"],
            )
            for row in rows
        }

    def incidents_with(self, fingerprint: str) -> set[str]:
        """The ids of the incidents that know an alert."""
        rows = self._database.rows("SELECT incident FROM signals WHERE fingerprint = ?", fingerprint)
        return {row["incident"] for row in rows}

    def _read(self, row: sqlite3.Row) -> Incident:
        signals = self._database.rows("SELECT body FROM signals WHERE incident = ? ORDER BY received_at, id", row["id"])
        incident = Incident.model_validate_json(row["body"])
        return incident.model_copy(update={"signals": tuple(Signal.model_validate_json(s["body"]) for s in signals)})

    def transition(self, incident_id: str, state: State, actor: str, reason: str) -> None:
        """Go to `state`; nothing happens where the incident is there already. Raises `TransitionError`."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT body FROM incidents WHERE id = ?", (incident_id,)).fetchone()
            incident = Incident.model_validate_json(row["body"])
            if incident.state == state:
                return
            check_transition(incident.state, state)
            changed = incident.model_copy(update={"state": state, "updated_at": self._now()})
            connection.execute(
                "UPDATE incidents SET state = ?, body = ? WHERE id = ?",
                (state, changed.model_dump_json(), incident_id),
            )
            if state.final:
                _withdraw(connection, incident_id, why=f"the incident is {state}")
            self.add_event(incident_id, EventKind.TRANSITION, actor, reason, {"from": incident.state, "to": state})

    # --- timeline ---

    def add_event(
        self,
        incident_id: str,
        kind: EventKind,
        actor: str,
        text: str,
        data: dict[str, JsonValue] | None = None,
        *,
        key: str = "",
    ) -> None:
        """Append to the timeline. An event whose `key` is there already is not added again, so that a step that is
        repeated after a crash tells its story once."""
        with self._database.transaction() as connection:
            (last,) = connection.execute(
                "SELECT COALESCE(MAX(seq), 0) FROM events WHERE incident = ?", (incident_id,)
            ).fetchone()
            event = IncidentEvent(
                incident=incident_id, seq=last + 1, at=self._now(), kind=kind, actor=actor, text=text, data=data or {}
            )
            added = connection.execute(
                "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)",
                (incident_id, event.seq, key or f"#{event.seq}", event.model_dump_json()),
            )
            for writer in self._writers if added.rowcount else ():
                writer(event)
        for listener in self._listeners:
            listener(incident_id)

    def events(self, incident_id: str, after: int = 0) -> list[IncidentEvent]:
        """The timeline from the event behind `after`, oldest first."""
        rows = self._database.rows(
            "SELECT body FROM events WHERE incident = ? AND seq > ? ORDER BY seq", incident_id, after
        )
        return [IncidentEvent.model_validate_json(row["body"]) for row in rows]

    def evidence(self, incident_id: str, evidence_id: str) -> Evidence:
        """One evidence of the timeline. Raises `NotFoundError`."""
        row = self._database.row("SELECT body FROM events WHERE incident = ? AND key = ?", incident_id, evidence_id)
        event = IncidentEvent.model_validate_json(row["body"]) if row else None
        if event is None or event.kind is not EventKind.EVIDENCE:
            raise NotFoundError(f"incident {incident_id!r} has no evidence {evidence_id!r}")
        return Evidence.model_validate(event.data)

    def onset(self, incident_id: str) -> float | None:
        """When the trouble began as the newest diagnosis has it, in unix seconds."""
        told = [event.data for event in self.events(incident_id) if event.kind is EventKind.DIAGNOSIS]
        return Diagnosis.model_validate(told[-1]).onset if told else None

    # --- approvals ---

    def ask(self, approval: Approval) -> None:
        """Put a question to people; asking the same again changes nothing. It takes the place of an earlier one."""
        with self._database.transaction() as connection:
            _withdraw(connection, approval.incident, other_than=approval.id, why="another action took its place")
            connection.execute(
                "INSERT OR IGNORE INTO approvals VALUES (?, ?, ?, ?, ?, '', '', ?)",
                (
                    approval.id,
                    approval.incident,
                    approval.action.id,
                    approval.digest,
                    Decision.PENDING,
                    approval.action.model_dump_json(),
                ),
            )

    def approval(self, approval_id: str) -> Approval:
        """Raises `NotFoundError`."""
        row = self._database.row("SELECT * FROM approvals WHERE id = ?", approval_id)
        if row is None:
            raise NotFoundError(f"no approval {approval_id!r}")
        return _read_approval(row)

    def approval_of(self, action_id: str) -> Approval:
        """The approval that was asked for an action. Raises `NotFoundError`."""
        row = self._database.row("SELECT * FROM approvals WHERE action = ?", action_id)
        if row is None:
            raise NotFoundError(f"no action {action_id!r}")
        return _read_approval(row)

    def approvals(self, *, decision: Decision | None = None) -> list[Approval]:
        rows = self._database.rows("SELECT * FROM approvals ORDER BY rowid")
        return [a for a in map(_read_approval, rows) if decision is None or a.decision == decision]

    def decide(self, approval_id: str, digest: str, decision: Decision, actor: str, reason: str) -> Approval:
        """Answer an approval, once. Raises `ApprovalError` where it was answered before or the action is another."""
        if decision not in (Decision.APPROVED, Decision.DENIED):
            raise InvalidInputError("decision: must be 'approved' or 'denied'")
        approval = self.approval(approval_id)
        if approval.digest != digest:
            raise ApprovalError(f"approval {approval_id} belongs to another action (digest {approval.digest[:12]}…)")
        with self._database.transaction() as connection:
            done = connection.execute(
                "UPDATE approvals SET decision = ?, actor = ?, reason = ? WHERE id = ? AND decision = ?",
                (decision, actor, reason, approval_id, Decision.PENDING),
            )
            if done.rowcount == 0:
                why = f": {approval.reason}" if approval.decision is Decision.WITHDRAWN else ""
                raise ApprovalError(f"approval {approval_id} was already {approval.decision}{why}")
        return self.approval(approval_id)

    # --- kill switch ---

    def stop_changes(self, actor: str) -> None:
        """No change is made from now on, in any incident."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO switches VALUES ('stop', ?, ?)", (actor, self._now()))

    def allow_changes(self) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM switches WHERE name = 'stop'")

    def changes_stopped_by(self) -> str | None:
        """Who stopped all changes; None where they are allowed."""
        row = self._database.row("SELECT actor FROM switches WHERE name = 'stop'")
        return str(row["actor"]) if row else None


def _new_id(connection: sqlite3.Connection, signal: Signal) -> str:
    for attempt in range(1000):
        text = f"{signal.fingerprint}:{signal.starts_at}:{attempt}"
        name = "inc-" + hashlib.sha256(text.encode()).hexdigest()[:10]
        if connection.execute("SELECT 1 FROM incidents WHERE id = ?", (name,)).fetchone() is None:
            return name
    raise InvalidInputError(f"signal {signal.id}: opened a thousand incidents already")


def _withdraw(connection: sqlite3.Connection, incident_id: str, *, other_than: str = "", why: str) -> None:
    connection.execute(
        "UPDATE approvals SET decision = ?, reason = ? WHERE incident = ? AND decision = ? AND id != ?",
        (Decision.WITHDRAWN, why, incident_id, Decision.PENDING, other_than),
    )


def _insert_signal(connection: sqlite3.Connection, incident_id: str, signal: Signal) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO signals VALUES (?, ?, ?, ?, ?)",
        (signal.id, signal.fingerprint, incident_id, signal.received_at, signal.model_dump_json()),
    )


def _signal_data(signal: Signal) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = signal.model_dump(mode="json")
    return data


def _read_approval(row: sqlite3.Row) -> Approval:
    return Approval(
        id=row["id"],
        incident=row["incident"],
        action=Action.model_validate_json(row["body"]),
        digest=row["digest"],
        decision=Decision(row["decision"]),
        actor=row["actor"],
        reason=row["reason"],
    )
