"""People are told of what matters, once they can be reached, and no incident waits for it."""

from __future__ import annotations

import asyncio
import json
import signal as signals
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from aiops.clients.notifiers.message import Occasion
from aiops.clients.notifiers.slack import SlackChannel
from aiops.clients.notifiers.webhook import WebhookChannel
from aiops.core.action import Action
from aiops.core.clock import pause
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import Entity
from aiops.core.errors import ConfigurationError, StorageError
from aiops.core.incident import EventKind, Incident, Signal, State
from aiops.core.mechanism import Mechanism
from aiops.core.settings import Settings
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.database import Database
from aiops.supervisor.messages import message_of
from aiops.supervisor.notifications import Notifications, channels_of
from aiops.supervisor.outbox import Outbox
from aiops.supervisor.store import Store
from tests.support.hostile import EVERYTHING, STEERING
from tests.support.receiver import Receiver, receiving, status

SECRET = "0123456789abcdef"
QUICK = (0.01, 0.01)
PAGE = "https://ops.example.com/"
ENDS = (Occasion.APPROVAL, Occasion.RESOLVED, Occasion.ESCALATED, Occasion.NO_FAULT)

MakeSignal = Callable[..., Signal]


def _outbox(database: Database, store: Store, *channels: str, occasions: tuple[Occasion, ...] = ENDS) -> Outbox:
    outbox = Outbox(database, channels, occasions)
    store.with_each_event(outbox.take)
    return outbox


@asynccontextmanager
async def _telling(outbox: Outbox, store: Store, *receivers: Receiver) -> AsyncIterator[Notifications]:
    channels = [WebhookChannel(receivers[0].url, SECRET), *(SlackChannel(one.url) for one in receivers[1:])]
    telling = Notifications(channels, outbox, store, PAGE, QUICK)
    await telling.start()
    try:
        yield telling
    finally:
        await telling.stop()


def _diagnosed(store: Store, incident: Incident, summary: str = "cart is too small") -> None:
    cart = Entity(kind="Deployment", namespace="shop", name="cart")
    best = RootCause(subject=cart, mechanism=Mechanism.SCALING_REPLICAS, confidence=0.9, summary=summary)
    diagnosis = Diagnosis(fault=True, root_causes=(best,), summary=summary)
    data = diagnosis.model_dump(mode="json")
    store.add_event(incident.id, EventKind.DIAGNOSIS, "root cause", diagnosis.summary, data)


def _proposed(store: Store, incident: Incident, action: Action) -> None:
    data = {"approval": "apr-1", "digest": "d", "action": action.model_dump(mode="json")}
    store.add_event(incident.id, EventKind.PROPOSAL, "remediation", "scale: too few", data, key="apr-1")


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pause(0.005)


def _bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [orjson.loads(request.body) for request in receiver.requests]


async def test_an_incident_is_told_from_its_opening_to_its_end(
    store: Store, database: Database, signal: MakeSignal, action: Callable[..., Action]
) -> None:
    outbox = _outbox(database, store, "webhook", "slack", occasions=(*ENDS, Occasion.OPENED))
    async with receiving() as hook, receiving() as slack, _telling(outbox, store, hook, slack):
        incident = store.open_incident(signal(), ("shop",))
        store.add_signal(incident.id, signal("f2"))
        store.transition(incident.id, State.DIAGNOSING, "supervisor", "begins")
        _diagnosed(store, incident)
        _proposed(store, incident, action())
        _proposed(store, incident, action())
        store.add_event(incident.id, EventKind.REPORT, "supervisor", "**escalated**", key="report")
        store.transition(incident.id, State.ESCALATED, "supervisor", "nobody answered")
        await _until(lambda: not (outbox.waiting("webhook") or outbox.waiting("slack")))
    opened, approval, end = _bodies(hook)
    assert [b["occasion"] for b in (opened, approval, end)] == ["opened", "approval", "escalated"]
    assert (opened["state"], opened["cause"], opened["change"], opened["report"]) == ("open", None, None, None)
    assert approval["cause"]["mechanism"] == "scaling.replicas"
    assert (approval["state"], approval["change"]["approval"], approval["change"]["diff"]) == (
        "awaiting_approval",
        "apr-1",
        "-1\n+2",
    )
    assert (end["state"], end["summary"]) == ("escalated", "nobody answered\ncart is too small")
    assert end["report"] == "**escalated**"
    assert end["link"] == f"https://ops.example.com/incident/{incident.id}"
    assert len(slack.requests) == 3


async def test_only_what_was_chosen_is_told(store: Store, database: Database, signal: MakeSignal) -> None:
    outbox = _outbox(database, store, "webhook", occasions=(Occasion.ESCALATED,))
    quiet = store.open_incident(signal(), ())
    store.transition(quiet.id, State.DIAGNOSING, "x", "y")
    store.transition(quiet.id, State.CLOSED_NO_FAULT, "x", "y")
    assert outbox.waiting("webhook") == []
    store.transition(store.open_incident(signal("f2"), ()).id, State.ESCALATED, "x", "y")
    assert len(outbox.waiting("webhook")) == 1


async def test_secrets_do_not_leave(store: Store, database: Database, signal: MakeSignal) -> None:
    outbox = _outbox(database, store, "webhook")
    incident = store.open_incident(signal(title="login failed password=hunter22 for ann"), ())
    _diagnosed(store, incident, "postgres://ann:hunter22@db is refused")
    store.transition(incident.id, State.ESCALATED, "x", "token: hunter22hunter22")
    message = message_of(outbox.waiting("webhook")[0], store, None)
    assert "hunter22" not in message.model_dump_json()
    assert "redacted" in message.title
    assert message.link is None


async def test_a_failing_receiver_is_tried_again_with_the_same_id(
    store: Store, database: Database, signal: MakeSignal
) -> None:
    outbox = _outbox(database, store, "webhook")
    async with receiving(lambda n: status(503 if n < 3 else 204)) as hook, _telling(outbox, store, hook):
        store.transition(store.open_incident(signal(), ()).id, State.ESCALATED, "x", "y")
        await hook.got(3)
        await _until(lambda: not outbox.waiting("webhook"))
    assert len({request.headers["aiops-delivery"] for request in hook.requests}) == 1
    assert len({request.body for request in hook.requests}) == 1


async def test_it_is_given_up_with_a_note_that_names_no_address(
    store: Store, database: Database, signal: MakeSignal
) -> None:
    outbox = _outbox(database, store, "webhook")
    incident = store.open_incident(signal(), ())
    async with receiving(lambda _: status(500)) as hook, _telling(outbox, store, hook):
        store.transition(incident.id, State.ESCALATED, "x", "y")
        await _until(lambda: store.events(incident.id)[-1].kind is EventKind.NOTE)
    note = store.events(incident.id)[-1]
    assert note.text == "not told by webhook after 3 tries: the webhook answered with HTTP 500"
    assert len(hook.requests) == 3
    assert outbox.waiting("webhook") == []


async def test_a_silent_receiver_holds_up_neither_the_other_nor_the_incident(
    store: Store, database: Database, signal: MakeSignal
) -> None:
    outbox = _outbox(database, store, "webhook", "slack")
    async with receiving(lambda _: None) as silent, receiving() as slack, _telling(outbox, store, silent, slack):
        incident = store.open_incident(signal(), ())
        store.transition(incident.id, State.ESCALATED, "x", "y")
        await silent.got(1)
        await slack.got(1)
        assert store.incident(incident.id).state is State.ESCALATED
    assert len(outbox.waiting("webhook")) == 1


def _fail_after_an_end(store: Store, signal: Signal) -> None:
    with store.together():
        store.transition(store.open_incident(signal, ()).id, State.ESCALATED, "x", "y")
        raise RuntimeError


async def test_an_event_that_is_rolled_back_is_not_told(store: Store, database: Database, signal: MakeSignal) -> None:
    outbox = _outbox(database, store, "webhook")
    async with receiving() as hook, _telling(outbox, store, hook):
        with pytest.raises(RuntimeError):
            _fail_after_an_end(store, signal())
        store.transition(store.open_incident(signal("f2"), ()).id, State.ESCALATED, "x", "y")
        await _until(lambda: not outbox.waiting("webhook"))
    assert len(hook.requests) == 1
    assert store.incidents()[0].signals[0].fingerprint == "f2"


def test_the_event_and_its_entry_are_stored_together_or_not_at_all(
    store: Store, database: Database, signal: MakeSignal
) -> None:
    outbox = _outbox(database, store, "webhook")
    incident = store.open_incident(signal(), ())
    database.rows("DROP TABLE outbox")
    with pytest.raises(StorageError):
        store.transition(incident.id, State.ESCALATED, "x", "y")
    assert store.incident(incident.id).state is State.OPEN
    assert len(store.events(incident.id)) == 1
    with pytest.raises(StorageError):
        outbox.waiting("webhook")


async def test_a_message_that_cannot_be_made_does_not_stop_the_others(
    store: Store, database: Database, signal: MakeSignal
) -> None:
    outbox = _outbox(database, store, "webhook")
    broken = store.open_incident(signal(), ())
    store.add_event(broken.id, EventKind.DIAGNOSIS, "x", "y", {"from": "an older version"})
    store.transition(broken.id, State.ESCALATED, "x", "y")
    async with receiving() as hook, _telling(outbox, store, hook):
        store.transition(store.open_incident(signal("f2"), ()).id, State.ESCALATED, "x", "y")
        await _until(lambda: not outbox.waiting("webhook"))
    assert len(hook.requests) == 1
    assert "internal error: ValidationError" in store.events(broken.id)[-1].text


CHILD = """
import asyncio, sys
from pathlib import Path
from aiops.clients.notifiers.message import Occasion
from aiops.clients.notifiers.webhook import WebhookChannel
from aiops.core.incident import Signal, State
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.database import Database
from aiops.supervisor.notifications import Notifications
from aiops.supervisor.outbox import Outbox
from aiops.supervisor.store import Store

async def main(path, url):
    database = Database(Path(path))
    store = Store(database, lambda: 1.0)
    outbox = Outbox(database, ["webhook"], [Occasion.ESCALATED])
    store.with_each_event(outbox.take)
    await Notifications([WebhookChannel(url, "0123456789abcdef")], outbox, store, None).start()
    signal = Signal(id="s", kind="alert", title="Errors", fingerprint="f", starts_at=0, received_at=0)
    store.transition(store.open_incident(signal, ()).id, State.ESCALATED, "x", "y")
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_was_on_its_way_when_the_process_was_killed_is_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "aiops.db"
    async with receiving(lambda n: None if n == 1 else status(200)) as hook:
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, str(path), hook.url)
        async with asyncio.timeout(60):
            await hook.got(1)
        child.send_signal(signals.SIGKILL)
        await child.wait()
        database = Database(path)
        store = Store(database, lambda: 2.0)
        outbox = _outbox(database, store, "webhook")
        async with _telling(outbox, store, hook):
            await hook.got(2)
            await _until(lambda: not outbox.waiting("webhook"))
        database.close()
    first, second = _bodies(hook)
    assert first.pop("link") is None
    assert second.pop("link").startswith(PAGE)
    assert first == second


def test_the_settings_name_the_receivers() -> None:
    assert channels_of(Settings()) == ()
    with pytest.raises(ConfigurationError, match="webhook_url needs webhook_secret"):
        channels_of(Settings.model_validate({"webhook_url": "https://example.com/hook"}))
    with pytest.raises(ConfigurationError, match="slack_webhook_url: must begin with https://"):
        channels_of(Settings.model_validate({"slack_webhook_url": "http://hooks.example.com/x"}))
    both = {"webhook_url": "https://e.com", "webhook_secret": SECRET, "slack_webhook_url": "https://e.com/s"}
    assert [channel.name for channel in channels_of(Settings.model_validate(both))] == ["webhook", "slack"]


def test_a_message_hides_nothing(
    database: Database, store: Store, signal: MakeSignal, action: Callable[..., Action]
) -> None:
    outbox = _outbox(database, store, "webhook", occasions=(*ENDS, Occasion.OPENED))
    incident = store.open_incident(signal(title=EVERYTHING), ("shop",))
    _diagnosed(store, incident, EVERYTHING)
    _proposed(store, incident, action().model_copy(update={"diff": EVERYTHING}))
    for entry in outbox.waiting("webhook"):
        told = message_of(entry, store, PAGE).model_dump_json()
        assert all(json.dumps(shown)[1:-1] in told for shown in STEERING.values())
        assert not any(hidden in told for hidden in STEERING)


async def test_a_question_that_was_answered_meanwhile_is_not_asked(
    store: Store, database: Database, signal: MakeSignal, action: Callable[..., Action]
) -> None:
    outbox = _outbox(database, store, "webhook")
    incident = store.open_incident(signal(), ("shop",))
    store.transition(incident.id, State.DIAGNOSING, "supervisor", "begins")
    _diagnosed(store, incident)
    store.ask(Approval(id="apr-1", incident=incident.id, action=action(), digest="d"))
    _proposed(store, incident, action())
    store.decide("apr-1", "d", Decision.DENIED, "ann", "")
    store.transition(incident.id, State.ESCALATED, "supervisor", "nothing else is known")
    async with receiving() as hook, _telling(outbox, store, hook):
        await _until(lambda: not outbox.waiting("webhook"))
    assert [body["occasion"] for body in _bodies(hook)] == ["escalated"]


async def test_a_question_that_waits_is_asked(
    store: Store, database: Database, signal: MakeSignal, action: Callable[..., Action]
) -> None:
    outbox = _outbox(database, store, "webhook")
    incident = store.open_incident(signal(), ("shop",))
    store.ask(Approval(id="apr-1", incident=incident.id, action=action(), digest="d"))
    _proposed(store, incident, action())
    async with receiving() as hook, _telling(outbox, store, hook):
        await _until(lambda: not outbox.waiting("webhook"))
    assert [body["occasion"] for body in _bodies(hook)] == ["approval"]
