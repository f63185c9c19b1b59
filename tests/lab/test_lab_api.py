"""The lab's clock and alert receiver over HTTP."""

from __future__ import annotations

import httpx2
import pytest

from aiops.lab.lab_api import lab_app

CLOCK, ADMIN = {"Authorization": "Bearer clock"}, {"Authorization": "Bearer admin"}


class Keeper:
    def __init__(self, speed: float | None = None) -> None:
        self.speed = speed
        self.time = 100.0
        self.receiver = ("", "")

    def now(self) -> float:
        return self.time

    async def advance(self, seconds: float) -> None:
        self.time += seconds

    def send_alerts_to(self, url: str, token: str) -> None:
        self.receiver = (url, token)

    def reliance(self) -> dict[str, float]:
        return {"Deployment/shop/web": 1.0}


def _client(keeper: Keeper) -> httpx2.AsyncClient:
    app = lab_app(keeper, clock_token="clock", admin_token="admin")
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://lab")


async def test_time_moves_when_advanced() -> None:
    async with _client(Keeper()) as client:
        assert (await client.get("/clock", headers=CLOCK)).json() == {"now": 100.0, "speed": None}
        reply = await client.post("/clock/advance", json={"seconds": 15}, headers=CLOCK)
        assert reply.json()["now"] == 115.0


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"seconds": -1}', b'{"seconds": "5"}', b'{"seconds": true}'])
async def test_a_wrong_advance_is_refused(body: bytes) -> None:
    keeper = Keeper()
    async with _client(keeper) as client:
        reply = await client.post("/clock/advance", content=body, headers=CLOCK)
    assert reply.status_code == 422
    assert "seconds" in reply.json()["error"]
    assert keeper.time == 100.0


async def test_a_lab_that_runs_by_itself_is_not_advanced() -> None:
    async with _client(Keeper(speed=10)) as client:
        reply = await client.post("/clock/advance", json={"seconds": 1}, headers=CLOCK)
    assert reply.status_code == 409


async def test_the_clock_token_moves_time_and_nothing_else() -> None:
    keeper = Keeper()
    body = {"url": "http://127.0.0.1:1/x", "token": "t"}
    async with _client(keeper) as client:
        assert (await client.get("/clock")).status_code == 401
        assert (await client.put("/alerts/receiver", json=body, headers=CLOCK)).status_code == 401
        assert (await client.put("/alerts/receiver", json=body, headers=ADMIN)).status_code == 200
        for url in ("http://example.com/", "http://127.0.0.1:1@example.com/", 7):
            away = {"url": url, "token": "t"}
            assert (await client.put("/alerts/receiver", json=away, headers=ADMIN)).status_code == 422
    assert keeper.receiver == ("http://127.0.0.1:1/x", "t")


async def test_only_the_admin_is_told_what_users_rely_on() -> None:
    async with _client(Keeper()) as client:
        assert (await client.get("/reliance", headers=CLOCK)).status_code == 401
        assert (await client.get("/reliance", headers=ADMIN)).json() == {"Deployment/shop/web": 1.0}
