"""Agents from elsewhere: the tools over HTTP and MCP, the page that tells how, and the loop of one model."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from aiops.bench.agents.loading import agent_of
from aiops.bench.agents.registry import AGENTS, Room
from aiops.bench.agents.single_loop import MOST_STEPS, SingleLoop
from aiops.bench.serving.app import serving_app
from aiops.bench.serving.served import Served
from aiops.bench.stage import Stage, settled
from aiops.bench.workbench import Workbench
from aiops.clients.models.budget import Budget
from aiops.clients.models.connect import connect_model
from aiops.clients.models.protocol import Message, Reply, ToolCall, ToolSpec
from aiops.core.clock import pause
from aiops.core.entity import Entity
from aiops.core.errors import ConfigurationError
from aiops.core.settings import Settings
from tests.support.model_server import call, said, serving
from tests.support.worlds import copy_of

PAGE = Path(__file__).parents[2] / "docs" / "gym.md"
GEO = Entity(kind="Service", namespace="hotel", name="geo")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(copy_of(settled, "hotel", 1), tmp_path)


def room_of(stage: Stage, user: str = "assistant") -> Room:
    access = stage.access(user, "aiops")
    return Room(access, stage.clock, stage.namespace, stage.namespaces, stage.directory, stage.clock.now())


@pytest.fixture
async def bench(stage: Stage) -> AsyncIterator[Workbench]:
    made = Workbench(room_of(stage))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def http(bench: Workbench) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=serving_app(bench))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gym") as client:
        yield client


async def test_an_agent_looks_changes_waits_and_submits(
    http: httpx2.AsyncClient, bench: Workbench, stage: Stage
) -> None:
    task = (await http.get("/task")).json()
    assert task["namespace"] == "hotel"
    names = {tool["name"] for tool in (await http.get("/tools")).json()["tools"]}
    assert {"list_workloads", "scale", "wait", "submit"} <= names
    workloads = await http.post("/tools/list_workloads", json={"namespace": "hotel"})
    assert "geo" in workloads.text
    changed = await http.post("/tools/scale", json={"workload": "Deployment/hotel/geo", "replicas": 3})
    assert changed.json() == {"changed": ["Deployment/hotel/geo"]}, changed.text
    geo = stage.world.cluster.find("Deployment", "hotel", "geo")
    assert geo is not None
    assert geo["spec"]["replicas"] == 3
    before = stage.clock.now()
    await http.post("/tools/wait", json={"seconds": 60})
    assert stage.clock.now() == before + 61
    said = {"fault": True, "subject": str(GEO), "mechanism": "config.target_port", "confidence": 0.7}
    assert (await http.post("/tools/submit", json=said)).json() == {"accepted": True}
    assert bench.claim is not None
    assert (bench.claim.subject, bench.claim.steps, bench.claim.detected_at) == (str(GEO), 4, stage.clock.now())
    assert "already" in (await http.post("/tools/submit", json=said)).text


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/tools/list_workloads", "x", 400, "no JSON"),
        ("/tools/list_workloads", "[]", 400, "one JSON object"),
        ("/tools/no_such_tool", "{}", 404, "no tool named"),
        ("/tools/wait", '{"seconds": -1}', 422, "seconds"),
        ("/tools/submit", '{"fault": true, "mechanism": "magic"}', 422, "mechanism"),
        ("/tools/list_workloads", '{"namespace": "kube-public"}', 422, "outside the allowed"),
    ],
)
async def test_wrong_calls_are_told(
    path: str, body: str, status: int, told: str, http: httpx2.AsyncClient, bench: Workbench
) -> None:
    answer = await http.post(path, content=body)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert bench.claim is None


async def test_the_same_tools_are_there_by_mcp(http: httpx2.AsyncClient, bench: Workbench) -> None:
    async def asked(method: str, **parameters: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters}
        found: dict[str, Any] = (await http.post("/mcp", json=body)).json()
        assert (found["jsonrpc"], found["id"]) == ("2.0", 7)
        return found

    hello = (await asked("initialize", protocolVersion="2025-06-18"))["result"]
    assert json.loads(hello["instructions"])["namespace"] == "hotel"
    noted = await http.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (noted.status_code, noted.content) == (202, b"")
    listed = (await asked("tools/list"))["result"]["tools"]
    assert all(tool["inputSchema"]["type"] == "object" for tool in listed)
    found = (await asked("tools/call", name="list_workloads", arguments={"namespace": "hotel"}))["result"]
    assert not found["isError"]
    assert "geo" in found["content"][0]["text"]
    assert (await asked("tools/call", name="nothing"))["result"]["isError"]
    assert (await asked("tools/call"))["error"]["code"] == -32602
    assert (await asked("resources/list"))["error"]["code"] == -32601
    await asked("tools/call", name="submit", arguments={"fault": False})
    assert bench.claim is not None


def block(name: str) -> dict[str, Any]:
    """What the block of this name in the page defines."""
    found = re.search(rf"```python {name}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    defined: dict[str, Any] = {"__name__": name}
    exec(compile(found[1], f"gym.md: {name}", "exec"), defined)
    return defined


async def test_the_client_of_the_page_plays(stage: Stage) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    player = Served(room_of(stage), port)
    await player.start()
    work = asyncio.create_task(player.work())
    await pause(0)
    found = await asyncio.to_thread(block("client")["resolve"], f"http://127.0.0.1:{port}")
    await asyncio.wait_for(work, 20)
    assert "geo" in json.dumps(found)
    assert (player.claim().state, player.claim().steps) == ("alerts: []", 3)
    await player.stop()


async def test_the_agent_of_the_page_mends_a_port(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"```python agent\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "my_gym_agent.py").write_text(found[1])
    monkeypatch.syspath_prepend(str(tmp_path))
    ports = (await stage.engineer.get(GEO))["spec"]["ports"]
    await stage.engineer.patch(GEO, {"spec": {"ports": [{**ports[0], "targetPort": 9999}]}}, "merge")
    player = agent_of("my_gym_agent:SuspectsPorts").make(room_of(stage, "operator"))
    await player.work()
    assert player.claim().subject == str(GEO)
    assert (await stage.engineer.get(GEO))["spec"]["ports"][0]["targetPort"] != 9999


class Scripted:
    """A model that says what a test wrote down."""

    name = "scripted"

    def __init__(self, *calls: tuple[ToolCall, ...]) -> None:
        self._calls = list(calls)
        self.heard: list[Message] = []

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: type[BaseModel] | None = None,
        tools: Sequence[ToolSpec] = (),
        max_tokens: int,
        budget: Budget,
    ) -> Reply:
        self.heard = list(messages)
        assert {"submit", "list_workloads"} <= {tool.name for tool in tools}
        budget.charge(100, 10, 0.1)
        return Reply("", None, self._calls.pop(0) if self._calls else (), 100, 10, 0.1)

    async def close(self) -> None:
        """Nothing is open."""


async def played(stage: Stage, model: Scripted) -> SingleLoop:
    player = SingleLoop(room_of(stage), model, Budget(1_000_000))
    await player.start()
    await player.work()
    await player.stop()
    return player


async def test_one_model_calls_tools_until_it_submits(stage: Stage) -> None:
    answer = {"fault": True, "subject": str(GEO), "mechanism": "config.target_port"}
    model = Scripted(
        (ToolCall("1", "list_workloads", {"namespace": "hotel"}), ToolCall("2", "no_such_tool", {})),
        (ToolCall("3", "wait", {}, problem="no JSON"),),
        (),
        (ToolCall("4", "submit", answer),),
    )
    claim = (await played(stage, model)).claim()
    assert (claim.fault, claim.subject, claim.steps, claim.tokens) == (True, str(GEO), 4, 440)
    results = [message.text for message in model.heard if message.role == "tool"]
    assert "geo" in results[0]
    assert "no tool named" in results[1]
    assert "no JSON" in results[2]


async def test_one_model_that_never_submits_claims_nothing(stage: Stage) -> None:
    claim = (await played(stage, Scripted())).claim()
    assert (claim.fault, claim.steps, claim.state) == (False, MOST_STEPS, "took too many steps")


async def test_the_loop_speaks_with_a_model_behind_an_openai_compatible_api(stage: Stage) -> None:
    answer = {"fault": True, "subject": str(GEO), "mechanism": "config.target_port"}
    script = (
        said(None, finish="tool_calls", calls=[call("list_workloads", {"namespace": "hotel"})]),
        said(None, finish="tool_calls", calls=[call("submit", answer, "call-2")]),
    )
    async with serving(*script) as server:
        model = connect_model(Settings(model_url=server.url, model_name="scripted"))
        assert model is not None
        player = SingleLoop(room_of(stage), model, Budget(1_000_000))
        await player.start()
        await player.work()
        claim = player.claim()
        await player.stop()
    assert (claim.subject, claim.mechanism, claim.steps) == (str(GEO), "config.target_port", 2)
    assert claim.tokens >= 240
    offered = {tool["function"]["name"] for tool in server.bodies[0]["tools"]}
    assert {"list_workloads", "wait", "submit"} <= offered
    (result,) = [message for message in server.bodies[1]["messages"] if message["role"] == "tool"]
    assert "geo" in result["content"]


def test_without_a_model_the_loop_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AIOPS_MODEL_URL", "AIOPS_MODEL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    refused: list[Callable[[], object]] = [AGENTS.get("single-loop").configured]
    for attempt in refused:
        with pytest.raises(ConfigurationError, match="no model is configured"):
            attempt()
