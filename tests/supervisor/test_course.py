"""Ways through the incident graph that are not the straight one, in this process, on a world that is really broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from aiops.agents.propagation import Role
from aiops.agents.root_cause import ENOUGH
from aiops.bench.wire import Wire as StreamingWire
from aiops.clients.alertmanager import Notification, signals
from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.action import ACTION_ANNOTATION
from aiops.core.clock import pause
from aiops.core.diagnosis import Diagnosis
from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import ActionRefusedError, NotFoundError, NotPossibleError, TransitionError
from aiops.core.evidence import Evidence, Source
from aiops.core.fields import desired
from aiops.core.incident import EventKind, Incident, State
from aiops.core.mechanism import Mechanism
from aiops.core.settings import Settings
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.prometheus import prometheus_app
from aiops.server.charts import charts
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.engine import Engine
from aiops.supervisor.services import assemble
from aiops.tools.kit.context import Context
from tests.support.clock import WorldClock
from tests.support.receiver import receiving
from tests.support.worlds import aged

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAMESPACES = ("hotel", "ingress-nginx")
GEO = Entity(kind="Service", namespace="hotel", name="geo")
RATE = Entity(kind="Service", namespace="hotel", name="rate")
HISTORY = 870.0
"""Simulated seconds before the assistant comes."""
WATCHED = 30.0
"""Simulated seconds that it has watched before anything happens."""
STEP = 15.0
WRITES = ("PATCH", "POST", "PUT", "DELETE")


class Wire(httpx2.AsyncBaseTransport):
    """The assistant's way to the API server. Notes the writes that got through; `after_write` is called after each."""

    def __init__(self, app: Any, now: Callable[[], float]) -> None:
        self._inner = StreamingWire(app, now)
        self.writes: list[str] = []
        self.after_write: Callable[[], None] = lambda: None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = await self._inner.handle_async_request(request)
        writes = request.method in WRITES and "dryRun" not in request.url.params
        if writes and "accessreviews" not in request.url.path:
            self.writes.append(f"{request.method} {request.url.path}")
            self.after_write()
        return reply


class Telemetry(httpx2.AsyncBaseTransport):
    """The assistant's way to Prometheus or Jaeger; while `dark`, nobody answers."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.dark = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.dark:
            raise httpx2.ConnectError("nobody listens", request=request)
        return await self._inner.handle_async_request(request)


class Course:
    """A world with a history, an assistant that watches it, and an engineer who can break and mend it."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.world = aged(HISTORY)
        app = kubernetes_app(self.world.cluster, tokens={"t": User("root", (MASTERS,))}, logs=self.world.logs)
        self.wire = Wire(app, self.world.clock)
        self.engineer = KubernetesClient.at(
            "http://lab", token="t", transport=httpx2.ASGITransport(app=app), field_manager="kubectl-edit"
        )
        self.telemetry = [
            Telemetry(prometheus_app(self.world.series, self.world.rules, self.world.clock)),
            Telemetry(jaeger_app(self.world.traces, self.world.clock)),
        ]
        chosen = {"read_only": False, "settle_seconds": 15.0, "verify_timeout_seconds": 300.0, **settings}
        self.settings = Settings(state_dir=directory, namespaces=NAMESPACES, **chosen)
        context = Context(
            kube=KubernetesClient.at("http://lab", token="t", transport=self.wire, retry=Retry(attempts=1)),
            clock=WorldClock(self.world),
            metrics=PrometheusClient.at("http://lab", transport=self.telemetry[0], retry=Retry(attempts=1)),
            traces=JaegerClient.at("http://lab", transport=self.telemetry[1], retry=Retry(attempts=1)),
            namespaces=NAMESPACES,
            read_only=self.settings.read_only,
        )
        self.engine = Engine(assemble(self.settings, context))
        self.store = self.engine.store
        self.ports: dict[Entity, int | str] = {}
        """The ports as they were before anybody touched them."""

    async def run(self, seconds: float) -> None:
        await self.engine.clock.sleep(seconds)

    async def set_port(self, service: Entity, port: int | str) -> None:
        """Send a Service's traffic to another port of its pods."""
        found = await self.engineer.get(service)
        self.ports.setdefault(service, found["spec"]["ports"][0]["targetPort"])
        ports = [{**found["spec"]["ports"][0], "targetPort": port}, *found["spec"]["ports"][1:]]
        await self.engineer.patch(service, {"spec": {"ports": ports}}, "merge")

    async def incident(self) -> str:
        """Let time pass until an alert opens an incident."""
        for _ in range(60):
            await self.run(STEP)
            for notification in self.world.alerts_due():
                told = Notification.model_validate(notification.payload)
                self.world.alert_delivered(notification)
                if found := self.engine.receive(signals(told, self.world.now)):
                    return found[0]
        raise AssertionError("no alert came")

    async def proposal(self, incident: str) -> Approval:
        """The approval that waits."""

        def waiting() -> Approval | None:
            assert not self.store.incident(incident).state.final, self.told(incident)
            pending = self.store.approvals(decision=Decision.PENDING)
            return pending[0] if pending else None

        return await _until(waiting)

    def answer(self, approval: Approval, decision: Decision = Decision.APPROVED) -> None:
        self.engine.decide(approval.id, approval.digest, decision, "ann", "")

    async def ended(self, incident: str) -> Incident:
        async for _ in self.engine.follow(incident):
            pass
        return self.store.incident(incident)

    async def live(self, service: Entity) -> Manifest:
        return await self.engineer.get(service)

    def diagnoses(self, incident: str) -> list[Diagnosis]:
        events = self.store.events(incident)
        return [Diagnosis.model_validate(event.data) for event in events if event.kind is EventKind.DIAGNOSIS]

    def told(self, incident: str, kind: EventKind | None = None) -> list[str]:
        return [event.text for event in self.store.events(incident) if kind in (None, event.kind)]


async def _until(what: Callable[[], Approval | None]) -> Approval:
    while (found := what()) is None:
        await pause(0.01)
    return found


Start = Callable[..., Awaitable[Course]]


@pytest.fixture
def course(tmp_path: Path) -> Callable[..., Any]:
    @asynccontextmanager
    async def start(*broken: Entity, **settings: Any) -> AsyncIterator[Course]:
        course = Course(tmp_path / "state", **settings)
        await course.engine.start()
        await course.run(WATCHED)
        for service in broken:
            await course.set_port(service, 9999)
        yield course
        await course.engine.stop()

    return start


async def test_a_change_that_does_not_help_is_undone_and_the_last_round_escalates(
    course: Callable[..., Any],
) -> None:
    async with course(GEO, RATE, max_rounds=1) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        target = proposal.action.proposal.target
        before = desired(await on.live(target))
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.ESCALATED
        assert desired(await on.live(target)) == before
        assert len(on.wire.writes) == 2
        moves = [e.data["to"] for e in on.store.events(incident) if e.kind is EventKind.TRANSITION]
        assert moves[-5:] == ["acting", "verifying", "undone", "diagnosing", "escalated"]
        undone = [e.data["undone"] for e in on.store.events(incident) if e.kind is EventKind.CHANGE]
        assert undone == [False, True]
        assert "1 proposal did not settle it" in on.told(incident, EventKind.TRANSITION)[-1]


async def test_of_two_faults_at_once_each_is_cured_in_its_turn(course: Callable[..., Any]) -> None:
    async with course(GEO, RATE) as on:
        incident = await on.incident()
        first = await on.proposal(incident)
        on.answer(first)
        second = await on.proposal(incident)
        targets = {first.action.proposal.target, second.action.proposal.target}
        assert targets == {GEO, RATE}
        on.answer(second)
        assert (await on.ended(incident)).state is State.RESOLVED
        assert [e.data["undone"] for e in on.store.events(incident) if e.kind is EventKind.CHANGE] == [False, False]
        assert len(on.wire.writes) == 2
        kept, now = first.action.proposal.target, second.action.proposal.target
        before, after = on.diagnoses(incident)
        assert {cause.subject for cause in before.root_causes if cause.confidence >= ENOUGH} == targets
        assert (after.best.subject, after.best.mechanism) == (now, Mechanism.CONFIG_TARGET_PORT)
        told = "the change cured its own cause, but another one stands"
        assert on.told(incident, EventKind.VERIFICATION) == [told, "the change helped: every check says so"]
        (report,) = on.told(incident, EventKind.REPORT)
        for line in (
            told,
            f"kept in place: patch\\_service on {kept}",
            f"kept patch\\_service on {kept}: its cause is gone",
        ):
            assert line in report


async def test_where_a_person_mends_the_second_of_two_faults_the_first_was_resolved(course: Callable[..., Any]) -> None:
    async with course(GEO, RATE) as on:
        incident = await on.incident()
        first = await on.proposal(incident)
        on.answer(first)
        second = await on.proposal(incident)
        await on.set_port(second.action.proposal.target, on.ports[second.action.proposal.target])
        await on.run(240.0)
        on.answer(second)
        assert (await on.ended(incident)).state is State.RESOLVED
        ended = on.told(incident, EventKind.TRANSITION)[-1]
        assert "all is well since a change was kept" in ended
        assert "well again since a change was kept; waiting whether it stays so" in on.told(incident, EventKind.STEP)
        assert f"kept in place: patch_service on {first.action.proposal.target}" in ended
        assert all(diagnosis.fault for diagnosis in on.diagnoses(incident)), "no cause is denied at the end"
        assert len(on.wire.writes) == 1


async def test_the_kill_switch_stops_a_change_that_is_approved(course: Callable[..., Any]) -> None:
    async with course(GEO) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        on.store.stop_changes("bob")
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.ESCALATED
        assert "kill switch: bob stopped all changes" in on.told(incident, EventKind.TRANSITION)[-1]
        assert on.wire.writes == []


async def test_the_kill_switch_stops_an_undo_and_the_report_says_what_is_left(course: Callable[..., Any]) -> None:
    async with course(GEO, RATE, max_rounds=1) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        on.wire.after_write = lambda: on.store.stop_changes("bob")
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.ESCALATED
        assert len(on.wire.writes) == 1
        assert "still in place" in on.told(incident, EventKind.TRANSITION)[-1]
        live = await on.live(proposal.action.proposal.target)
        assert live["metadata"]["annotations"][ACTION_ANNOTATION] == proposal.action.id


async def test_a_change_whose_effect_on_users_cannot_be_seen_is_kept_and_left_to_people(
    course: Callable[..., Any],
) -> None:
    async with course(GEO) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)

        def go_dark() -> None:
            for way in on.telemetry:
                way.dark = True

        on.wire.after_write = go_dark
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.ESCALATED
        assert len(on.wire.writes) == 1
        assert "neither alerts nor users could be seen" in on.told(incident, EventKind.TRANSITION)[-1]


async def test_a_change_whose_answer_was_lost_is_verified_though_changes_were_stopped_since(
    course: Callable[..., Any],
) -> None:
    async with course(GEO) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)

        def lose_the_answer() -> None:
            on.store.stop_changes("bob")
            raise httpx2.ReadError("connection lost")

        on.wire.after_write = lose_the_answer
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.RESOLVED
        assert len(on.wire.writes) == 1
        assert len(on.told(incident, EventKind.CHANGE)) == 1


@pytest.mark.parametrize(
    ("settings", "suggestions"),
    [({"autonomy": "observe"}, False), ({"autonomy": "suggest"}, True), ({"read_only": True}, True)],
)
async def test_an_assistant_that_may_not_act_reports(
    course: Callable[..., Any], settings: dict[str, Any], suggestions: bool
) -> None:
    async with course(GEO, **settings) as on:
        incident = await on.incident()
        assert (await on.ended(incident)).state is State.ESCALATED
        diagnosis = next(e.data for e in on.store.events(incident) if e.kind is EventKind.DIAGNOSIS)
        assert diagnosis["root_causes"][0]["subject"]["name"] == GEO.name
        assert any("patch_service" in text for text in on.told(incident)) is suggestions
        assert len(on.told(incident, EventKind.REPORT)) == 1
        assert (on.store.approvals(), on.wire.writes) == ([], [])


async def test_what_somebody_else_changed_first_is_looked_at_again(course: Callable[..., Any]) -> None:
    async with course(GEO, max_rounds=1) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        await on.set_port(proposal.action.proposal.target, 9998)
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.ESCALATED
        assert on.wire.writes == []
        assert any("was changed by somebody else since this was proposed" in text for text in on.told(incident))
        assert len(on.told(incident, EventKind.DIAGNOSIS)) == 2
        assert (await on.live(GEO))["spec"]["ports"][0]["targetPort"] == 9998


async def test_a_person_undoes_a_change_once_after_the_incident_has_ended(course: Callable[..., Any]) -> None:
    async with course(GEO) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        action = proposal.action.id
        with pytest.raises(TransitionError, match="awaiting_approval"):
            await on.engine.undo(action, "ann", "")
        broken = desired(await on.live(GEO))
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.RESOLVED
        on.store.stop_changes("bob")
        with pytest.raises(ActionRefusedError, match="bob stopped all changes"):
            await on.engine.undo(action, "ann", "")
        on.store.allow_changes()
        await asyncio.gather(*(on.engine.undo(action, "ann", "wrong port") for _ in range(3)))
        assert desired(await on.live(GEO)) == broken
        assert len(on.wire.writes) == 2
        assert on.store.incident(incident).state is State.ESCALATED
        assert on.told(incident, EventKind.CHANGE)[-1] == f"undid patch_service on {GEO}: wrong port"
        assert len(on.told(incident, EventKind.CHANGE)) == 2


async def test_a_change_that_was_denied_cannot_be_undone(course: Callable[..., Any]) -> None:
    async with course(GEO, max_rounds=1) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        on.answer(proposal, Decision.DENIED)
        assert (await on.ended(incident)).state is State.ESCALATED
        with pytest.raises(NotPossibleError, match="never made"):
            await on.engine.undo(proposal.action.id, "ann", "")


async def test_the_picture_of_an_incident_leads_from_the_cause_to_the_users(course: Callable[..., Any]) -> None:
    async with course(GEO) as on:
        incident = await on.incident()
        await on.proposal(incident)
        picture = await on.engine.propagation(incident)
        roles = {node.id: node.role for node in picture.nodes}
        assert roles[str(GEO)] is Role.CAUSE
        path = {(call.source, call.target): call for call in picture.edges if call.role is Role.PATH}
        search = "Deployment/hotel/search"
        assert (search, "Deployment/hotel/geo") in path
        assert ("Deployment/hotel/frontend", search) in path
        failing = path[search, "Deployment/hotel/geo"].error_ratio
        assert failing is not None
        assert failing > 0.5
        assert roles["Deployment/hotel/user"] is Role.NORMAL
        with pytest.raises(NotFoundError, match="nope"):
            await on.engine.propagation("nope")


async def test_the_series_behind_an_evidence_show_when_it_began(course: Callable[..., Any]) -> None:
    async with course(GEO) as on:
        broken_at = on.world.now
        incident = await on.incident()
        await on.proposal(incident)
        evidence = [Evidence.model_validate(e.data) for e in on.store.events(incident) if e.kind is EventKind.EVIDENCE]
        edge = next(
            e
            for e in evidence
            if e.source is Source.METRICS and isinstance(e.subject, Edge) and e.subject.target.name == "geo"
        )
        told = charts(*await on.engine.series(incident, edge.id))
        errors = next(chart for chart in told.charts if chart.name == "errors")
        before = [value for at, value in errors.series[0].points if at < broken_at - 60]
        after = [value for at, value in errors.series[0].points if at > broken_at + 90]
        assert max(before) < 0.1 < 0.5 < min(after)
        stated = next(e for e in evidence if e.source is Source.KUBERNETES)
        with pytest.raises(NotFoundError, match="has no time series behind it"):
            await on.engine.series(incident, stated.id)
        with pytest.raises(NotFoundError, match="no evidence 'nope'"):
            await on.engine.series(incident, "nope")


async def test_people_are_told_and_the_report_cites_a_runbook(course: Callable[..., Any]) -> None:
    async with receiving() as hook:
        settings = {"webhook_url": hook.url, "webhook_secret": "0123456789abcdef", "public_url": "https://ops.example"}
        async with course(GEO, **settings) as on:
            incident = await on.incident()
            proposal = await on.proposal(incident)
            assert on.store.evidence(incident, "runbook-service-target-port").query.tool == "read_runbook"
            await hook.got(1)
            on.answer(proposal)
            assert (await on.ended(incident)).state is State.RESOLVED
            await hook.got(2)
            (report,) = on.told(incident, EventKind.REPORT)
    asked, ended = (orjson.loads(request.body) for request in hook.requests)
    assert (asked["occasion"], ended["occasion"]) == ("approval", "resolved")
    assert asked["change"]["target"] == str(GEO)
    assert asked["cause"]["subject"] == str(GEO)
    assert asked["runbook"] == "Runbook: A Service sends to a port on which nothing listens"
    assert ended["report"] == report
    assert "[runbook-service-target-port] Runbook: A Service sends to a port on which nothing listens" in report


async def test_what_is_mended_before_a_change_is_made_is_left_alone(course: Callable[..., Any]) -> None:
    async with course(GEO) as on:
        incident = await on.incident()
        proposal = await on.proposal(incident)
        mended = (await on.live(RATE))["spec"]["ports"][0]["targetPort"]
        await on.set_port(GEO, mended)
        await on.run(240.0)
        on.answer(proposal)
        assert (await on.ended(incident)).state is State.CLOSED_NO_FAULT
        assert on.wire.writes == []
        assert "it passed by itself" in on.told(incident, EventKind.TRANSITION)[-1]


async def test_what_has_passed_when_it_is_looked_at_is_not_proposed_to_be_changed(course: Callable[..., Any]) -> None:
    async with course(GEO, settle_seconds=240.0) as on:
        mended = (await on.live(RATE))["spec"]["ports"][0]["targetPort"]
        incident = await on.incident()
        await on.set_port(GEO, mended)
        assert (await on.ended(incident)).state is State.CLOSED_NO_FAULT
        assert (on.store.approvals(), on.wire.writes) == ([], [])
