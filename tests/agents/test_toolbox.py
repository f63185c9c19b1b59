"""What a specialist gets to know of a service that is away: a gap, or that nothing can be done."""

from __future__ import annotations

from functools import partial

import httpx2
import pytest

from aiops.agents.toolbox import READ_SECONDS, Toolbox, query
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.errors import ClusterUnreachableError, TransportError
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import Tool
from aiops.tools.list_objects import list_objects
from aiops.tools.scale import scale
from tests.support.investigation import WEB

ONCE = Retry(1, 0.0)


def _toolbox(status: int | None) -> Toolbox:
    """A cluster that answers everything with `status`; None: not at all."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        if status is None:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(status, json={"message": "no"})

    kube = KubernetesClient.at("http://lab", transport=httpx2.MockTransport(answer), retry=ONCE)
    return Toolbox(Context(kube=kube, clock=VirtualClock(0.0)), ("list_objects", "query_up"))


@pytest.mark.parametrize("status", [None, 401, 503])
async def test_without_the_cluster_nothing_can_be_done(status: int | None) -> None:
    with pytest.raises(ClusterUnreachableError):
        await _toolbox(status).read(list_objects, "Pod", "shop")


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_kind_that_may_not_be_read_is_a_gap(status: int) -> None:
    tools = _toolbox(status)
    assert await tools.read(list_objects, "Pod", "shop") is None
    assert len(tools.missing) == 1
    assert tools.missing[0].startswith("list_objects: Kubernetes")


@pytest.mark.parametrize("status", [None, 400, 401, 503])
async def test_telemetry_that_is_away_is_a_gap_even_where_a_tool_does_not_say_so(status: int | None) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        if status is None:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(status, json={"error": "no"})

    prometheus = PrometheusClient.at("http://prom", transport=httpx2.MockTransport(answer), retry=ONCE)

    async def query_up(_: Context) -> Context:
        """Ask Prometheus, and let its errors through."""
        await prometheus.query("up", 0)
        raise TransportError("not reached")

    tools = _toolbox(200)
    bare = Tool(query_up, "reads", None, ())
    assert await tools.read(bare) is None  # type: ignore[type-var]  # it never returns
    assert "Prometheus at http://prom" in tools.missing[0]


def test_a_call_is_kept_as_plain_values() -> None:
    assert query(scale, workload=WEB, replicas=2).arguments == {"workload": WEB.model_dump(), "replicas": 2}


async def test_reads_that_do_not_wait_for_each_other_keep_their_order_and_cost_less() -> None:
    tools = _toolbox(403)
    kinds = [f"Kind{number}" for number in range(9)] + ["Pod"]

    async def one(name: str, part: Toolbox) -> str:
        await part.read(list_objects, name)
        part.missing.append(name)
        return name

    found = await tools.together([partial(one, name) for name in kinds])
    assert found == kinds
    assert [sentence for sentence in tools.missing if sentence in kinds] == kinds
    assert READ_SECONDS <= tools.cost < len(kinds) * READ_SECONDS


async def test_a_cluster_that_is_away_ends_reads_at_once_as_itself() -> None:
    with pytest.raises(ClusterUnreachableError):
        await _toolbox(None).together([lambda part: part.read(list_objects, "Pod")] * 3)


async def test_that_there_is_nothing_is_a_gap_unless_it_need_not_be_there() -> None:
    tools = _toolbox(200)
    assert await tools.read_any(list_objects, "Pod", "shop") is not None
    assert tools.missing == []
    await tools.read(list_objects, "Pod", "shop")
    assert tools.missing == ["list_objects: there is no Pod in shop"]
    denied = _toolbox(403)
    assert await denied.read_any(list_objects, "Pod", "shop") is None
    assert len(denied.missing) == 1


async def test_of_unnoted_readings_no_gap_is_told() -> None:
    tools = _toolbox(403)
    await tools.read(list_objects, "Pod", "shop")
    told = list(tools.missing)
    with tools.unnoted():
        await tools.read(list_objects, "Node")
    assert tools.missing == told
    assert tools.cost == pytest.approx(2 * READ_SECONDS)
