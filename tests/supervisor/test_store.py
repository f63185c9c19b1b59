"""Incidents, timelines and approvals survive, and say each thing once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aiops.core.action import Action
from aiops.core.errors import (
    ApprovalError,
    ConfigurationError,
    InvalidInputError,
    NotFoundError,
    StorageError,
    TransitionError,
)
from aiops.core.incident import EventKind, Signal, State
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.database import Database
from aiops.supervisor.store import Store

MakeSignal = Callable[..., Signal]
MakeAction = Callable[..., Action]


def test_an_incident_opens_with_its_signal(store: Store, signal: MakeSignal) -> None:
    incident = store.open_incident(signal(), ("shop",))
    assert (incident.state, incident.namespaces, len(incident.signals)) == (State.OPEN, ("shop",), 1)
    assert [e.kind for e in store.events(incident.id)] == [EventKind.SIGNAL]
    assert store.incidents() == [incident]


def test_the_same_signal_has_the_same_incident_id_in_a_new_database(
    store: Store, signal: MakeSignal, tmp_path: Path
) -> None:
    other = Store(Database(tmp_path / "other.db"), lambda: 5.0)
    assert store.open_incident(signal(), ()).id == other.open_incident(signal(), ()).id


def test_an_alert_that_comes_back_opens_another_incident(store: Store, signal: MakeSignal) -> None:
    first = store.open_incident(signal(), ())
    assert store.open_incident(signal(), ()).id != first.id


def test_a_repeated_signal_is_told_once_and_its_end_is_told(store: Store, signal: MakeSignal) -> None:
    incident = store.open_incident(signal(), ("shop",))
    store.add_signal(incident.id, signal("f2"))
    store.add_signal(incident.id, signal("f2"))
    store.add_signal(incident.id, signal("f2", resolved=True))
    assert [s.fingerprint for s in store.incident(incident.id).signals] == ["f1", "f2"]
    assert [e.text for e in store.events(incident.id)].count("Errors: users see errors") == 2
    assert store.events(incident.id)[-1].text.startswith("resolved: ")


def test_transitions_are_checked_and_told(store: Store, signal: MakeSignal) -> None:
    incident = store.open_incident(signal(), ())
    store.transition(incident.id, State.DIAGNOSING, "supervisor", "begins")
    store.transition(incident.id, State.DIAGNOSING, "supervisor", "again")
    with pytest.raises(TransitionError):
        store.transition(incident.id, State.UNDONE, "supervisor", "too early")
    told = [e.data for e in store.events(incident.id) if e.kind is EventKind.TRANSITION]
    assert told == [{"from": "open", "to": "diagnosing"}]
    assert store.incidents(unfinished=True)[0].state is State.DIAGNOSING


def test_finished_incidents_are_left_out_when_asked(store: Store, signal: MakeSignal) -> None:
    incident = store.open_incident(signal(), ())
    store.transition(incident.id, State.ESCALATED, "x", "y")
    assert store.incidents(unfinished=True) == []
    assert len(store.incidents()) == 1


def test_an_event_with_a_key_is_told_once_and_wakes_listeners(store: Store, signal: MakeSignal) -> None:
    incident = store.open_incident(signal(), ())
    woken: list[str] = []
    store.on_event(woken.append)
    for _ in range(2):
        store.add_event(incident.id, EventKind.NOTE, "a", "text", key="once")
    assert [e.seq for e in store.events(incident.id)] == [1, 2]
    assert [e.text for e in store.events(incident.id, after=1)] == ["text"]
    assert woken == [incident.id] * 2


def test_what_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="inc-x"):
        store.incident("inc-x")
    with pytest.raises(NotFoundError, match="apr-x"):
        store.approval("apr-x")


def _ask(store: Store, signal: MakeSignal, action: Action) -> Approval:
    incident = store.open_incident(signal(), ())
    approval = Approval(id="apr-1", incident=incident.id, action=action, digest=action.digest())
    store.ask(approval)
    store.ask(approval)
    return approval


def test_an_approval_is_used_once(store: Store, signal: MakeSignal, action: MakeAction) -> None:
    asked = _ask(store, signal, action())
    assert store.approvals(decision=Decision.PENDING) == [asked]
    given = store.decide("apr-1", asked.digest, Decision.APPROVED, "ann", "go")
    assert (given.decision, given.actor, given.reason) == (Decision.APPROVED, "ann", "go")
    with pytest.raises(ApprovalError, match="already approved"):
        store.decide("apr-1", asked.digest, Decision.DENIED, "bob", "")
    assert store.approval("apr-1").actor == "ann"


def test_an_approval_holds_for_its_own_action_only(store: Store, signal: MakeSignal, action: MakeAction) -> None:
    _ask(store, signal, action())
    with pytest.raises(ApprovalError, match="another action"):
        store.decide("apr-1", action(replicas=50).digest(), Decision.APPROVED, "ann", "")
    with pytest.raises(InvalidInputError):
        store.decide("apr-1", action().digest(), Decision.PENDING, "ann", "")
    assert store.approval("apr-1").decision is Decision.PENDING


def test_everything_is_there_after_a_restart(
    store: Store, database: Database, signal: MakeSignal, action: MakeAction, tmp_path: Path
) -> None:
    asked = _ask(store, signal, action())
    database.close()
    again = Store(Database(tmp_path / "state" / "aiops.db"), lambda: 0.0)
    assert again.approval("apr-1") == asked
    assert again.incidents(unfinished=True)[0].id == asked.incident


def test_the_kill_switch_names_who_pulled_it(store: Store) -> None:
    assert store.changes_stopped_by() is None
    store.stop_changes("ann")
    store.stop_changes("bob")
    assert store.changes_stopped_by() == "bob"
    store.allow_changes()
    assert store.changes_stopped_by() is None


def test_an_alert_that_comes_back_is_kept_by_both_of_its_incidents(store: Store, signal: MakeSignal) -> None:
    first = store.open_incident(signal(), ("shop",))
    store.transition(first.id, State.ESCALATED, "x", "y")
    second = store.open_incident(signal(), ("shop",))
    assert [len(store.incident(one.id).signals) for one in (first, second)] == [1, 1]


def test_an_approval_ends_with_its_incident(store: Store, signal: MakeSignal, action: MakeAction) -> None:
    incident = store.open_incident(signal(), ())
    store.ask(Approval(id="apr-1", incident=incident.id, action=action(), digest="d"))
    store.transition(incident.id, State.ESCALATED, "x", "y")
    with pytest.raises(ApprovalError, match="already withdrawn: the incident is escalated"):
        store.decide("apr-1", "d", Decision.APPROVED, "ann", "")


def test_a_new_question_takes_the_place_of_the_old_one(store: Store, signal: MakeSignal, action: MakeAction) -> None:
    incident = store.open_incident(signal(), ())
    for name in ("apr-1", "apr-2", "apr-2"):
        store.ask(Approval(id=name, incident=incident.id, action=action(), digest=name))
    assert [a.id for a in store.approvals(decision=Decision.PENDING)] == ["apr-2"]
    with pytest.raises(ApprovalError, match="another action took its place"):
        store.decide("apr-1", "apr-1", Decision.APPROVED, "ann", "")


def test_writes_together_are_all_stored_or_none(store: Store, signal: MakeSignal) -> None:
    def fails() -> None:
        with store.together():
            store.open_incident(signal(), ())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert store.incidents() == []
    store.open_incident(signal(), ())
    assert len(store.incidents()) == 1


def test_a_damaged_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "aiops.db").write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigurationError, match=r"aiops\.db cannot be used"):
        Database(tmp_path / "aiops.db")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        Database(tmp_path / "aiops.db" / "below.db")


def test_a_full_disk_is_told_and_the_database_goes_on_once_there_is_room(store: Store, database: Database) -> None:
    (pages,) = tuple(database.rows("PRAGMA page_count")[0])
    database.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="full"), database.transaction() as connection:
        connection.execute("INSERT INTO switches VALUES ('x', ?, 0)", ("x" * 1_000_000,))
    database.rows("PRAGMA max_page_count = 100000")
    store.stop_changes("ann")
    assert store.changes_stopped_by() == "ann"


def test_what_it_holds_is_for_its_owner_alone(tmp_path: Path) -> None:
    Database(tmp_path / "state" / "aiops.db").close()
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("kind", "source"), [("alert", "webhook"), ("question", "a person"), ("finding", "watcher")])
def test_a_signal_is_told_by_whom_it_came_from(store: Store, signal: MakeSignal, kind: str, source: str) -> None:
    incident = store.open_incident(signal(kind=kind), ("shop",))
    store.add_signal(incident.id, signal("f2", kind=kind))
    assert [event.actor for event in store.events(incident.id)] == [source, source]
