"""The assistant itself: its whole engine, with every proposal approved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from langgraph.checkpoint.memory import InMemorySaver

from aiops.bench.agents.registry import STEP, Claim, Room, agent
from aiops.clients.alertmanager import Notification, signals
from aiops.core.diagnosis import Diagnosis
from aiops.core.entity import Manifest
from aiops.core.incident import EventKind, Incident, Signal, State
from aiops.core.mechanism import Mechanism
from aiops.core.settings import Settings
from aiops.supervisor.approval import Decision
from aiops.supervisor.engine import Engine
from aiops.supervisor.services import assemble
from aiops.tools.kit.context import Context

READING_SECONDS = 30.0
"""Simulated seconds that a person takes to read a diff and say yes."""

QUESTION = "Is anything wrong?"


@agent("supervisor", user="assistant")
class Supervisor:
    """The assistant with its own account's rights; a person approves whatever it proposes."""

    def __init__(self, room: Room) -> None:
        self._room = room
        access = room.access
        settings = Settings(state_dir=room.directory / "state", namespaces=room.namespaces, read_only=False)
        context = Context(
            kube=access.kube,
            clock=room.clock,
            metrics=access.metrics,
            traces=access.traces,
            logs=access.logs,
            namespaces=room.namespaces,
            cluster_changes=True,
            read_only=False,
        )
        self._engine = Engine(assemble(settings, context), InMemorySaver())
        self._news = asyncio.Event()
        self._engine.store.on_event(lambda _: self._news.set())
        self._approver: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._engine.start()
        self._room.clock.send_alerts_to(self._receive)
        self._approver = asyncio.create_task(self._approve(), name="approver")

    async def work(self) -> None:
        while not self._engine.store.incidents():
            if self._room.clock.now() >= self._room.asked_at:
                self._engine.receive([self._question()])
                break
            await self._room.clock.sleep(STEP)
        while self._engine.store.incidents(unfinished=True):
            self._news.clear()
            await self._news.wait()

    def claim(self) -> Claim:
        store = self._engine.store
        found = [(incident, self._diagnoses(incident)) for incident in reversed(store.incidents())]
        told = [
            (incident, said[-1][1], said)
            for incident, said in found
            if said and said[-1][1].fault and incident.state is not State.CLOSED_NO_FAULT
        ]
        steps = sum(len(store.events(incident.id)) for incident, _ in found)
        state = ", ".join(incident.state.value for incident, _ in found) or "no incident"
        if not told:
            return Claim(fault=False, state=state, steps=steps)
        incident, diagnosis, said = max(told, key=lambda one: (one[0].state is State.RESOLVED, _confidence(one[1])))
        best = None if diagnosis.abstained else diagnosis.best
        return Claim(
            fault=True,
            subject=str(best.subject) if best else None,
            mechanism=best.mechanism.value if best and best.mechanism else None,
            state=state,
            escalated=incident.state is State.ESCALATED,
            confidence=best.confidence if best else None,
            detected_at=_first(said, lambda one: one.fault),
            localized_at=_first(said, lambda one: _subject(one) == _subject(diagnosis)),
            analysed_at=_first(said, lambda one: _mechanism(one) == _mechanism(diagnosis)),
            steps=steps,
        )

    async def stop(self) -> None:
        if self._approver is not None:
            self._approver.cancel()
            await asyncio.gather(self._approver, return_exceptions=True)
        await self._engine.stop()

    def _receive(self, payload: Manifest) -> None:
        self._engine.receive(signals(Notification.model_validate(payload), self._room.clock.now()))

    async def _approve(self) -> None:
        store = self._engine.store
        heard = asyncio.Event()
        store.on_event(lambda _: heard.set())
        while True:
            await heard.wait()
            heard.clear()
            for approval in store.approvals(decision=Decision.PENDING):
                await self._room.clock.sleep(READING_SECONDS)
                if store.approval(approval.id).decision is Decision.PENDING:
                    self._engine.decide(approval.id, approval.digest, Decision.APPROVED, "bench", "")

    def _diagnoses(self, incident: Incident) -> list[tuple[float, Diagnosis]]:
        """All of an incident, with their moments."""
        events = self._engine.store.events(incident.id)
        return [(e.at, Diagnosis.model_validate(e.data)) for e in events if e.kind is EventKind.DIAGNOSIS]

    def _question(self) -> Signal:
        moment = self._room.clock.now()
        return Signal(
            id="question",
            kind="question",
            title=QUESTION,
            labels={"namespace": self._room.namespace},
            fingerprint="question",
            starts_at=moment,
            received_at=moment,
        )


def _confidence(diagnosis: Diagnosis) -> float:
    return diagnosis.best.confidence if diagnosis.best else 0.0


def _subject(diagnosis: Diagnosis) -> str | None:
    return str(diagnosis.best.subject) if diagnosis.best else None


def _mechanism(diagnosis: Diagnosis) -> Mechanism | None:
    return diagnosis.best.mechanism if diagnosis.best else None


def _first(said: Sequence[tuple[float, Diagnosis]], true: Callable[[Diagnosis], bool]) -> float | None:
    """The moment of the first diagnosis of which something is true."""
    return next((at for at, diagnosis in said if true(diagnosis)), None)
