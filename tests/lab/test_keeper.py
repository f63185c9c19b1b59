"""The keeper of a world's time: alerts are delivered at their moment, and time moves for one caller after another."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aiops.core.clock import pause
from aiops.lab.keeper import Keeper
from aiops.lab.ports import TICK
from aiops.lab.world import START, World
from tests.support.receiver import receiving

URL = "http://127.0.0.1:1/webhooks/alertmanager"


class Receiver:
    """An alert receiver that may refuse; it notes the simulated moment of every call."""

    def __init__(self) -> None:
        self.status = 202
        self.moments: list[float] = []
        self.bodies: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.world: World | None = None
        self.app = Starlette(routes=[Route("/webhooks/alertmanager", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        assert self.world is not None
        self.moments.append(self.world.now)
        self.tokens.append(request.headers["authorization"])
        self.bodies.append(await request.json())
        return Response(status_code=self.status)


def _broken_world() -> World:
    """A world whose users see errors from the start: a Service in the middle sends to a port where nobody listens."""
    world = World("hotel", seed=1)
    service = world.cluster.get("Service", "hotel", "geo")
    port = {**service["spec"]["ports"][0], "targetPort": 9999}
    world.cluster.update({**service, "spec": {**service["spec"], "ports": [port]}}, manager="kubectl-edit")
    return world


@pytest.fixture
def scene() -> SimpleNamespace:
    receiver, world = Receiver(), _broken_world()
    receiver.world = world
    keeper = Keeper(world, transport=httpx2.ASGITransport(app=receiver.app))
    return SimpleNamespace(receiver=receiver, world=world, keeper=keeper)


async def test_alerts_come_at_their_moment_with_the_token(scene: SimpleNamespace) -> None:
    scene.keeper.send_alerts_to(URL, "secret")
    await scene.keeper.advance(600.0)
    assert scene.receiver.bodies
    assert set(scene.receiver.tokens) == {"Bearer secret"}
    assert all(START < moment < START + 600.0 for moment in scene.receiver.moments)
    body = scene.receiver.bodies[0]
    assert (body["version"], body["status"], body["receiver"]) == ("4", "firing", "aiops")
    assert scene.keeper.now() == START + 600.0
    told = len(scene.receiver.bodies)
    await scene.keeper.advance(TICK * 2)
    assert len(scene.receiver.bodies) == told
    await scene.keeper.close()


async def test_a_notification_that_nobody_took_stays_due(scene: SimpleNamespace) -> None:
    scene.keeper.send_alerts_to(URL, "t")
    scene.receiver.status = 503
    await scene.keeper.advance(600.0)
    refused = len(scene.receiver.bodies)
    assert refused > 1
    due = [notification.payload["groupKey"] for notification in scene.world.alerts_due()]
    assert scene.receiver.bodies[0]["groupKey"] in due
    scene.receiver.status = 202
    await scene.keeper.advance(TICK)
    assert [body["groupKey"] for body in scene.receiver.bodies[refused:]] == due
    assert scene.world.alerts_due() == []
    await scene.keeper.close()


async def test_a_receiver_that_is_not_there_stops_no_time() -> None:
    class Nobody(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused", request=request)

    world = _broken_world()
    keeper = Keeper(world, transport=Nobody())
    keeper.send_alerts_to(URL, "t")
    await keeper.advance(600.0)
    assert keeper.now() == START + 600.0
    assert world.alerts_due()
    await keeper.close()


async def test_no_proxy_of_the_environment_gets_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as direct:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        world = _broken_world()
        for _ in world.ticks(600.0):
            pass
        keeper = Keeper(world)
        keeper.send_alerts_to(direct.url, "secret")
        await keeper.advance(60.0)
        await keeper.close()
    assert direct.requests
    assert proxy.requests == []


async def test_a_receiver_that_comes_late_is_told_what_still_fires(scene: SimpleNamespace) -> None:
    await scene.keeper.advance(600.0)
    assert scene.receiver.bodies == []
    scene.keeper.send_alerts_to(URL, "t")
    await scene.keeper.advance(60.0)
    assert scene.receiver.bodies
    await scene.keeper.close()


async def test_concurrent_advances_take_turns() -> None:
    keeper = Keeper(World("hotel", seed=1))
    ends: list[float] = []

    async def advance(seconds: float) -> None:
        await keeper.advance(seconds)
        ends.append(keeper.now() - START)

    await asyncio.gather(advance(10.0), advance(20.0), advance(5.0))
    assert ends == [10.0, 30.0, 35.0]
    await keeper.close()


async def test_a_lab_with_a_speed_moves_by_itself_until_cancelled() -> None:
    keeper = Keeper(World("hotel", seed=1), speed=50.0)
    running = asyncio.create_task(keeper.run(50.0))
    while keeper.now() < START + 2 * TICK:
        await pause(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    stopped = keeper.now()
    await pause(0.05)
    assert keeper.now() == stopped
    await keeper.close()
