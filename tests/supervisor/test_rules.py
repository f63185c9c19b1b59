"""The rules at the gate, the journal they count on, and who may write to a namespace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aiops.core.action import Action, Applied
from aiops.core.errors import ActionRefusedError
from aiops.core.settings import Settings
from aiops.supervisor import rules
from aiops.supervisor.database import Database
from aiops.supervisor.journal import SqliteJournal, Writers
from aiops.supervisor.store import Store

MakeAction = Callable[..., Action]
NOW = 1_700_000_000.0
WRITES = Settings(read_only=False, max_actions_per_hour=2)


@pytest.mark.parametrize("most", [1, 2, 5])
async def test_the_last_change_that_is_allowed_is_made_and_the_next_one_refused(
    store: Store, database: Database, action: MakeAction, most: int
) -> None:
    settings = Settings(read_only=False, max_actions_per_hour=most)
    journal = SqliteJournal(database, "inc-1", lambda: NOW - 3600)  # still within the hour
    for number in range(most):
        rules.check(action("next"), settings, store, Writers(database), NOW)
        await journal.intend(action(f"made-{number}"), (None,))
    with pytest.raises(ActionRefusedError, match=f"{most} changes to namespace 'shop' within an hour, {most} allowed"):
        rules.check(action("next"), settings, store, Writers(database), NOW)
    rules.check(action("next"), settings, store, Writers(database), NOW + 0.1)


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        (Settings(), "read-only"),
        (Settings(read_only=False, autonomy="suggest"), "suggest"),
        (Settings(read_only=False, autonomy="observe"), "observe"),
        (Settings(read_only=False, max_actions_per_hour=0), "0 allowed"),
    ],
)
def test_each_rule_refuses_and_names_itself(
    store: Store, database: Database, action: MakeAction, settings: Settings, rule: str
) -> None:
    with pytest.raises(ActionRefusedError, match=rule):
        rules.check(action(), settings, store, Writers(database), NOW)


def test_the_kill_switch_refuses(store: Store, database: Database, action: MakeAction) -> None:
    store.stop_changes("ann")
    with pytest.raises(ActionRefusedError, match="kill switch: ann"):
        rules.check(action(), WRITES, store, Writers(database), NOW)


async def test_changes_are_limited_by_namespace_and_hour(store: Store, database: Database, action: MakeAction) -> None:
    early = SqliteJournal(database, "inc-1", lambda: NOW - 3601)
    journal = SqliteJournal(database, "inc-1", lambda: NOW - 10)
    await early.intend(action("old"), (None,))
    await journal.intend(action("a"), (None,))
    await journal.intend(action("other", namespace="bank"), (None,))
    writers = Writers(database)
    rules.check(action("b"), WRITES, store, writers, NOW)
    await journal.intend(action("b"), (None,))
    rules.check(action("b"), WRITES, store, writers, NOW)  # itself does not count: it may be tried again
    with pytest.raises(ActionRefusedError, match="2 changes to namespace 'shop'"):
        rules.check(action("c"), WRITES, store, writers, NOW)


async def test_the_journal_keeps_the_first_intent_and_the_first_outcome(database: Database, action: MakeAction) -> None:
    journal = SqliteJournal(database, "inc-1", lambda: NOW)
    made = action()
    assert await journal.intended(made.id) is None
    await journal.intend(made, ({"spec": {"replicas": 1}},))
    await journal.intend(made, ({"spec": {"replicas": 9}},))
    assert await journal.intended(made.id) == ({"spec": {"replicas": 1}},)
    assert await journal.applied(made.id) is None
    first = Applied(edit=made.edits[0], before={"a": 1}, after={"a": 2})
    await journal.record(made.id, (first,))
    await journal.record(made.id, (first.model_copy(update={"after": None}),))
    assert await journal.applied(made.id) == (first,)


def test_one_incident_writes_to_a_namespace(database: Database) -> None:
    writers = Writers(database)
    assert writers.acquire("shop", "inc-1") is None
    assert writers.acquire("shop", "inc-1") is None
    assert writers.acquire("shop", "inc-2") == "inc-1"
    assert writers.acquire("bank", "inc-2") is None
    writers.release("inc-1")
    assert writers.acquire("shop", "inc-2") is None
