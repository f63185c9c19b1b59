"""The continuous watch on a lab's Prometheus."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx2
import numpy as np
import pytest

from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.errors import StorageError
from aiops.core.incident import Signal
from aiops.lab.prometheus import RuleEngine, prometheus_app
from aiops.lab.tsdb import TimeSeriesStore
from aiops.watch.budget import Budget
from aiops.watch.watcher import Watcher

START = 1_790_000_000.0
STATUS = ("200", "500")


@dataclass
class Shop:
    """One service behind a Prometheus: `rates` are requests a second by status, `seconds` what each takes."""

    rates: list[float] = field(default_factory=lambda: [20.0, 0.0])
    seconds: float = 0.05
    away: bool = False
    asked: list[str] = field(default_factory=list)
    told: list[Signal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START)
        self._store = TimeSeriesStore()
        labels = {"namespace": "shop", "service": "cart"}
        name = "http_server_request_duration_seconds"
        self._ids = [
            self._store.series(f"{name}_{part}", {**labels, "http_response_status_code": status})
            for part in ("count", "sum")
            for status in STATUS
        ]
        self._totals = np.zeros(4)
        self._app = httpx2.ASGITransport(
            app=prometheus_app(self._store, RuleEngine((), self._store), lambda: self.clock.now())
        )

    async def handle(self, request: httpx2.Request) -> httpx2.Response:
        if self.away:
            raise httpx2.ConnectError("connection refused", request=request)
        self.asked.append(request.url.path)
        return await self._app.handle_async_request(request)

    def client(self) -> PrometheusClient:
        transport = httpx2.MockTransport(self.handle)
        return PrometheusClient.at("http://prometheus", transport=transport, retry=Retry(attempts=1))

    async def live(self, seconds: float) -> None:
        for _ in range(int(seconds / 15)):
            await self.clock.sleep(15.0)
            grown = np.array(self.rates) * 15.0
            self._totals += np.concatenate([grown, grown * self.seconds])
            self._store.append(self.clock.now(), self._ids, self._totals.copy())


def _watcher(shop: Shop, **other: object) -> Watcher:
    budget = Budget(per_minute=20, shortest=15.0)
    return Watcher(shop.client(), shop.clock, shop.told.extend, budget=budget, namespaces=("shop",))


async def _minutes(shop: Shop, watcher: Watcher, minutes: float) -> None:
    for _ in range(int(minutes * 4)):
        await shop.live(15.0)
        await watcher.look()


def test_failures_are_told_within_a_minute_once_and_their_end_too() -> None:
    async def course() -> None:
        shop = Shop()
        await shop.live(1800)
        watcher = _watcher(shop)
        await _minutes(shop, watcher, 5)
        assert shop.told == []
        began = shop.clock.now()
        shop.rates = [10.0, 10.0]
        await _minutes(shop, watcher, 8)
        (signal,) = shop.told
        assert signal.received_at - began <= 45.0
        assert (str(signal.subject), signal.kind, signal.labels["namespace"]) == (
            "Service/shop/cart",
            "finding",
            "shop",
        )
        shop.rates = [20.0, 0.0]
        await _minutes(shop, watcher, 8)
        assert [one.resolved for one in shop.told] == [False, True]
        assert watcher.status().troubles == ()

    asyncio.run(course())


def test_what_was_before_is_learnt_from_prometheus() -> None:
    async def course() -> None:
        shop = Shop(seconds=0.05)
        await shop.live(3 * 3600)
        watcher = _watcher(shop)
        shop.seconds = 0.5
        await _minutes(shop, watcher, 2)
        assert [one.title for one in shop.told if "take" in one.title]

    asyncio.run(course())


def test_a_look_takes_one_query() -> None:
    async def course() -> None:
        shop = Shop()
        await shop.live(600)
        watcher = _watcher(shop)
        await _minutes(shop, watcher, 1)
        shop.asked.clear()
        await _minutes(shop, watcher, 5)
        assert len(shop.asked) == 20
        status = watcher.status()
        assert (status.services, status.queries_per_minute, status.backing_off) == (1, 4.0, False)

    asyncio.run(course())


def test_a_prometheus_that_is_away_is_no_trouble_of_services_and_asked_less_often() -> None:
    async def course() -> None:
        shop = Shop()
        await shop.live(600)
        watcher = _watcher(shop)
        await _minutes(shop, watcher, 1)
        shop.away = True
        await _minutes(shop, watcher, 2)
        assert shop.told == []
        assert watcher.status().backing_off
        assert "refused" in (watcher.status().failure or "")
        shop.away = False
        await _minutes(shop, watcher, 5)
        assert (watcher.status().failure, watcher.status().backing_off, shop.told) == (None, False, [])

    asyncio.run(course())


def test_what_could_not_be_stored_is_told_again() -> None:
    async def course() -> None:
        shop = Shop()
        await shop.live(1800)
        full = [True]

        def sink(told: list[Signal]) -> None:
            if full[0]:
                raise StorageError("no space left")
            shop.told.extend(told)

        watcher = Watcher(shop.client(), shop.clock, sink)
        shop.rates = [10.0, 10.0]
        await _minutes(shop, watcher, 2)
        assert shop.told == []
        full[0] = False
        await _minutes(shop, watcher, 1)
        assert len(shop.told) == 1

    asyncio.run(course())


@pytest.mark.parametrize(("queries", "interval"), [(1, 15.0), (5, 15.0), (10, 30.0), (500, 300.0)])
def test_the_budget_holds(queries: int, interval: float) -> None:
    assert Budget(per_minute=20, shortest=15.0, queries=queries).interval == interval


def test_who_is_slow_is_asked_half_as_often_until_it_is_well_again() -> None:
    budget = Budget(per_minute=20, shortest=15.0)
    for _ in range(20):
        budget.note(9.0, failed=False)
    assert budget.interval == 300.0
    for _ in range(20):
        budget.note(0.1, failed=False)
    assert budget.interval == 15.0
