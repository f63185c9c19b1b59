"""The engine behind the three front doors: takes signals, drives each incident's graph, survives being killed."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Command

from aiops.agents.ask.answering import Fallback
from aiops.agents.ask.fallback import fallback_to
from aiops.agents.propagation import Propagation, propagation
from aiops.core.action import Action
from aiops.core.clock import Clock, pause
from aiops.core.errors import (
    AiopsError,
    ClusterUnreachableError,
    DeniedError,
    NotFoundError,
    NotPossibleError,
    StorageError,
    TransportError,
)
from aiops.core.evidence import Evidence
from aiops.core.incident import EventKind, IncidentEvent, Signal, State
from aiops.core.private_file import private_file
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.graph import IncidentGraph, build
from aiops.supervisor.grouping import MOST_AT_ONCE, Unfinished, home_of, namespaces_of
from aiops.supervisor.postmortem.facts import Facts, facts
from aiops.supervisor.services import GRAPH_FILE, Services
from aiops.supervisor.state import GraphState, evidence_of
from aiops.supervisor.store import Store
from aiops.supervisor.undo_request import request_undo
from aiops.tools.evidence_series import EvidenceSeries, evidence_series
from aiops.tools.kit.context import Context
from aiops.watch.budget import Budget
from aiops.watch.watcher import Watcher

log = logging.getLogger(__name__)

RECURSION_LIMIT = 200
"""Steps of one incident; LangGraph's default of 25 would end a third round of proposals."""

RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Wall seconds between tries while a service does not answer; the last one repeats."""


WAITED_FOR = (TransportError, ClusterUnreachableError, StorageError, sqlite3.OperationalError)
"""A service that does not answer, and a disk that is full (the checkpoints are written by LangGraph itself)."""


class Engine:
    """One process's work on incidents. Every incident is one LangGraph thread, and its id is the thread's id.

    Checkpoints are kept by `saver`, or else in a database in the state folder.
    """

    def __init__(self, services: Services, saver: BaseCheckpointSaver[Any] | None = None) -> None:
        self._services = services
        self._saver = saver
        self._open = AsyncExitStack()
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._undoing = asyncio.Lock()
        services.store.on_event(self._wake)

    @property
    def store(self) -> Store:
        return self._services.store

    @property
    def clock(self) -> Clock:
        return self._services.clock

    @property
    def context(self) -> Context:
        """The clients, for questions that need no incident."""
        return self._services.context

    def question_fallback(self) -> Fallback | None:
        """Who answers questions that the tools alone do not: the model, where the settings name one."""
        return fallback_to(self._services.model, self._services.settings)

    def watcher(self) -> Watcher | None:
        """A watch whose findings become incidents like alerts; None where the settings or a Prometheus are against it.

        Who asks for it runs it: where a lab's time moves only by sleepers, it would never stand still."""
        settings, metrics = self._services.settings, self._services.context.metrics
        if metrics is None or not settings.watch:
            return None
        return Watcher(
            metrics,
            self.clock,
            self.receive,
            namespaces=settings.namespaces,
            objective=settings.objective,
            budget=Budget(per_minute=settings.watch_queries_per_minute, shortest=settings.watch_seconds),
        )

    async def start(self) -> None:
        """Start watching, and go on with every incident that is not finished."""
        await self._services.start()
        self._graph: IncidentGraph = build(self._services, await self._checkpoints())
        for incident in reversed(self.store.incidents(unfinished=True)):
            self._run(incident.id)

    async def _checkpoints(self) -> BaseCheckpointSaver[Any]:
        if self._saver is not None:
            return self._saver
        file = str(private_file(self._services.settings.state_dir / GRAPH_FILE))
        return await self._open.enter_async_context(AsyncSqliteSaver.from_conn_string(file))

    async def stop(self) -> None:
        """Stop work where it stands; `start` goes on from there."""
        for task in self._runs.values():
            task.cancel()
        await asyncio.gather(*self._runs.values(), return_exceptions=True)
        await self._open.aclose()
        await self._services.stop()

    async def status(self) -> dict[str, Any]:
        """What is connected, what is watched and which limits hold."""
        settings = self._services.settings
        return {
            "now": self.clock.now(),
            "read_only": settings.read_only,
            "autonomy": settings.autonomy,
            "changes_stopped_by": self.store.changes_stopped_by(),
            "unfinished_incidents": len(self.store.incidents(unfinished=True)),
            "changes_recorded_since": await self._services.recorder.watched_since(),
        }

    def receive(self, signals: list[Signal]) -> list[str]:
        """Store signals and start work on them; returns the ids of their incidents, each once.

        A "resolved" of an alert that no unfinished incident knows is dropped: there is nothing left to do.
        """
        touched: dict[str, None] = {}
        neighbours = self._services.neighbours
        with self.store.together():
            unfinished = self.store.unfinished()
            for signal in signals:
                home = home_of(signal, unfinished, self.store.incidents_with(signal.fingerprint), neighbours)
                if home is not None:
                    self.store.add_signal(home, signal)
                elif not signal.resolved:
                    namespaces = namespaces_of(signal) if len(unfinished) < MOST_AT_ONCE else ()
                    home = self.store.open_incident(signal, namespaces).id
                    unfinished = {home: Unfinished(namespaces, signal.received_at), **unfinished}
                if home is not None:
                    touched[home] = None
        for incident_id in touched:
            self._run(incident_id)
        return list(touched)

    def decide(self, approval_id: str, digest: str, decision: Decision, actor: str, reason: str) -> Approval:
        """Store a person's answer and go on with the incident. Raises `ApprovalError`, `NotFoundError`."""
        approval = self.store.decide(approval_id, digest, decision, actor, reason)
        self._run(approval.incident)
        return approval

    async def undo(self, action_id: str, actor: str, reason: str) -> Action:
        """Undo a change because a person says so. Raises as `request_undo` does."""
        async with self._undoing:  # two clicks at once are one undo
            return await request_undo(self._services, action_id, actor, reason)

    async def propagation(self, incident_id: str) -> Propagation:
        """Who calls whom around an incident, and how trouble spread. Raises `NotFoundError`."""
        self.store.incident(incident_id)
        state = cast(GraphState, (await self._graph.aget_state(_config(incident_id))).values)
        if "scope" not in state:
            return Propagation(missing=("nothing has been looked at yet",))
        async with self.clock.frozen():
            return await propagation(state["scope"], state.get("diagnosis"), evidence_of(state), self._services.context)

    async def postmortem(self, incident_id: str) -> Facts:
        """What a post-mortem of an incident tells, as far as it has come. Raises `NotFoundError`."""
        async with self.clock.frozen():
            return await facts(self._services, incident_id)

    async def series(self, incident_id: str, evidence_id: str) -> tuple[Evidence, EvidenceSeries, float | None]:
        """An evidence with the time series behind it and the onset of its incident, where that is known.

        Raises `NotFoundError`, also where the evidence rests on no series.
        """
        evidence = self.store.evidence(incident_id, evidence_id)
        try:
            async with self.clock.frozen():
                found = await evidence_series(self._services.context, evidence.query.tool, evidence.query.arguments)
        except NotPossibleError as error:
            raise NotFoundError(str(error)) from error
        return evidence, found, self.store.onset(incident_id)

    async def follow(self, incident_id: str, after: int = 0) -> AsyncIterator[IncidentEvent]:
        """The timeline from the event behind `after`, live; ends when the incident does."""
        news = asyncio.Event()  # one for each follower: a slow one must not lose what a quick one has cleared
        self._followers.setdefault(incident_id, set()).add(news)
        try:
            while True:
                news.clear()
                finished = self.store.incident(incident_id).state.final and incident_id not in self._runs
                for event in self.store.events(incident_id, after):
                    after = event.seq
                    yield event
                if finished:
                    return
                await news.wait()
        finally:
            self._followers[incident_id].discard(news)
            if not self._followers[incident_id]:
                del self._followers[incident_id]

    def _wake(self, incident_id: str) -> None:
        for news in self._followers.get(incident_id, ()):
            news.set()

    def _run(self, incident_id: str) -> None:
        """Work on an incident until it ends or waits for a person; nothing where that work is already going on."""
        running = self._runs.get(incident_id)
        if running is not None and not running.done():
            return
        task = asyncio.create_task(self._work(incident_id), name=f"incident {incident_id}")
        self._runs[incident_id] = task
        task.add_done_callback(lambda done: self._ended(incident_id, done))

    def _ended(self, incident_id: str, task: asyncio.Task[None]) -> None:
        if self._runs.get(incident_id) is task:  # an answer may have begun the next one already
            del self._runs[incident_id]
        self._wake(incident_id)

    async def _work(self, incident_id: str) -> None:
        failures = 0
        while True:
            try:
                if not await self._proceed(incident_id):
                    return
                failures = 0
            except WAITED_FOR as error:
                self._note_outage(incident_id, failures, error)
                await pause(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
            except AiopsError as error:
                hint = " (the assistant's account lacks a right)" if isinstance(error, DeniedError) else ""
                await self._give_up(incident_id, f"{error}{hint}")
                return
            except Exception as error:  # the border of one incident: a bug must not leave it without an owner
                log.exception("incident %s", incident_id)
                await self._give_up(incident_id, f"internal error: {type(error).__name__}: {error}")
                return

    async def _proceed(self, incident_id: str) -> bool:
        """Run the graph from where it stands; False once it has ended or waits for an answer that nobody gave yet."""
        config = _config(incident_id)
        snapshot = await self._graph.aget_state(config)
        given: Any = None
        if not snapshot.created_at:
            given = {"incident_id": incident_id}
        elif not snapshot.next:
            return False
        elif snapshot.interrupts:
            if self.store.approval(snapshot.interrupts[0].value["approval"]).decision is Decision.PENDING:
                return False
            given = Command(resume=True)
        try:
            await self._graph.ainvoke(given, config, durability="sync")
        finally:
            self._services.rounds.end(incident_id)  # a round that was broken off is looked at anew
        return True

    def _note_outage(self, incident_id: str, failures: int, error: Exception) -> None:
        if failures > 0:
            return
        log.warning("incident %s waits: %s", incident_id, error)
        with suppress(StorageError):  # a full disk has no room for the note either
            self.store.add_event(incident_id, EventKind.NOTE, "engine", f"waiting, and trying again: {error}")

    async def _give_up(self, incident_id: str, reason: str) -> None:
        """Hand an incident to people when a step cannot be done at all."""
        while True:
            try:
                with self.store.together():
                    self._hand_over(incident_id, reason)
                return
            except StorageError as error:
                log.warning("incident %s waits: %s", incident_id, error)
                await pause(RETRY_SECONDS[-1])

    def _hand_over(self, incident_id: str, reason: str) -> None:
        self.store.add_event(incident_id, EventKind.NOTE, "engine", f"stopped: {reason}")
        if not self.store.incident(incident_id).state.final:
            self._services.writers.release(incident_id)
            self.store.transition(
                incident_id, State.ESCALATED, "engine", "a step could not be done; a person must look"
            )


def _config(incident_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": incident_id}, "recursion_limit": RECURSION_LIMIT}
