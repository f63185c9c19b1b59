"""One look for all specialists of a round, and a new one for the next."""

from __future__ import annotations

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.clock import VirtualClock
from aiops.supervisor.rounds import Rounds
from aiops.tools.kit.context import Context


class Away:
    """Answers everything with nothing, and counts how often."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        body = {"status": "success", "data": {"result": [], "resultType": "vector"}}
        return httpx2.Response(200, json=body if "query" in request.url.params else {"items": []})


@pytest.fixture
def away() -> Away:
    return Away()


@pytest.fixture
def context(away: Away) -> Context:
    transport = httpx2.MockTransport(away)
    return Context(
        kube=KubernetesClient.at("http://lab", transport=transport),
        clock=VirtualClock(0.0),
        metrics=PrometheusClient.at("http://lab", transport=transport),
    )


async def _read(ctx: Context) -> None:
    assert ctx.metrics is not None
    await ctx.kube.list("Pod", "shop")
    await ctx.metrics.query("up", 100.0)


async def test_all_who_look_in_a_round_read_each_thing_once(context: Context, away: Away) -> None:
    rounds = Rounds(context)
    for _ in range(3):
        await _read(rounds.look("one"))
    assert away.requests == 2
    await rounds.look("one").kube.list("Pod", "other")
    assert away.requests == 3


async def test_the_next_round_and_other_incidents_look_anew(context: Context, away: Away) -> None:
    rounds = Rounds(context)
    await _read(rounds.look("one"))
    await _read(rounds.look("two"))
    assert away.requests == 4
    rounds.end("one")
    await _read(rounds.look("one"))
    await _read(rounds.look("two"))
    assert away.requests == 6
    rounds.end("one")
    rounds.end("one")


async def test_what_looks_at_a_change_is_no_part_of_it(context: Context, away: Away) -> None:
    rounds = Rounds(context)
    await _read(rounds.look("one"))
    for _ in range(2):
        await _read(context)
    assert away.requests == 6
    assert rounds.look("one").traces is rounds.look("one").logs is rounds.look("one").changes is None
