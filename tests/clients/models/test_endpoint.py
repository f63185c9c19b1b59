"""The endpoint client against a real server that answers by a script."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import httpx2
import pytest
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from aiops.clients.models.budget import Budget
from aiops.clients.models.endpoint import EndpointModel
from aiops.clients.models.errors import BudgetSpentError, ModelError
from aiops.clients.models.protocol import Message, ToolCall, ToolSpec
from aiops.clients.transport import Retry
from aiops.core.errors import ConfigurationError
from tests.support.model_server import ModelServer, call, refused, said, serving

ASK = [Message("system", "be brief"), Message("user", "hello")]
QUICK = Retry(attempts=3, wait=0.0)
TOOL = ToolSpec("list_pods", "List pods.", {"type": "object", "properties": {}})


class Colour(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: Literal["red", "green"]


def model_at(server: ModelServer, *, key: str | None = None, timeout: float = 5.0) -> EndpointModel:
    return EndpointModel(server.url, "scripted", key=key, timeout=timeout, retry=QUICK)


async def ask(server: ModelServer, budget: Budget | None = None, **options: object) -> object:
    model = model_at(server)
    try:
        return await model.complete(ASK, max_tokens=100, budget=budget or Budget(10_000), **options)  # type: ignore[arg-type]
    finally:
        await model.close()


async def test_text_and_what_it_took() -> None:
    budget = Budget(10_000)
    async with serving(said("hi there", usage=(120, 7))) as server:
        model = model_at(server)
        reply = await model.complete(ASK, max_tokens=50, budget=budget)
        await model.close()
    assert (reply.text, reply.tokens_in, reply.tokens_out, reply.tool_calls) == ("hi there", 120, 7, ())
    assert (budget.usage.calls, budget.usage.tokens, budget.left) == (1, 127, 9_873)
    (body,) = server.bodies
    assert body["messages"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("scripted", 50, 0)


async def test_json_is_asked_for_by_its_schema_and_validated() -> None:
    async with serving(said({"colour": "red"})) as server:
        reply = await ask(server, schema=Colour)
    assert reply.parsed == Colour(colour="red")  # type: ignore[attr-defined]
    form = server.bodies[0]["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"]["properties"]["colour"]["enum"] == ["red", "green"]


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"colour": "red"}\n```',
        '<think>{"colour": "blue"}</think>{"colour": "red"}',
        'Sure! {"colour":"red"} .',
    ],
)
async def test_json_between_other_words_is_found(text: str) -> None:
    async with serving(said(text)) as server:
        reply = await ask(server, schema=Colour)
    assert reply.parsed == Colour(colour="red")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"colour": "re', "no JSON object"),
        ('{"colour": "blue"}', "colour"),
        ('{"colour": "red", "more": 1}', "more"),
        ("[1]", "no JSON object"),
        (None, "no JSON object"),
    ],
)
async def test_a_reply_of_another_form_is_an_error_and_is_paid(text: str | None, problem: str) -> None:
    budget = Budget(10_000)
    async with serving(said(text, usage=(50, 5))) as server:
        with pytest.raises(ModelError, match=problem):
            await ask(server, budget, schema=Colour)
    assert budget.usage.tokens == 55


async def test_a_reply_that_was_cut_off_is_an_error() -> None:
    async with serving(said('{"colour": "red"}', finish="length")) as server:
        with pytest.raises(ModelError, match="cut off"):
            await ask(server, schema=Colour)


@pytest.mark.parametrize("status", [400, 422, 500])
async def test_a_server_without_json_schemas_is_asked_in_words_and_remembered(status: int) -> None:
    def answer(body: dict[str, object]) -> Response:
        return refused(status, "response_format is unknown") if "response_format" in body else said({"colour": "green"})

    async with serving(answer) as server:
        model = model_at(server)
        for _ in range(2):
            reply = await model.complete(ASK, schema=Colour, max_tokens=100, budget=Budget(10_000))
            assert reply.parsed == Colour(colour="green")
        await model.close()
    assert ["response_format" in body for body in server.bodies] == [True, False, False]
    assert '"enum":["red","green"]' in server.bodies[1]["messages"][-1]["content"]


async def test_a_server_that_is_just_broken_is_asked_by_schema_again() -> None:
    async with serving(refused(500, "boom"), refused(500, "boom"), said({"colour": "red"})) as server:
        model = model_at(server)
        with pytest.raises(ModelError, match="answered 500: boom"):
            await model.complete(ASK, schema=Colour, max_tokens=100, budget=Budget(10_000))
        await model.complete(ASK, schema=Colour, max_tokens=100, budget=Budget(10_000))
        await model.close()
    assert ["response_format" in body for body in server.bodies] == [True, False, True]


async def test_new_names_of_parameters_are_learnt() -> None:
    def answer(body: dict[str, object]) -> Response:
        if "max_tokens" in body:
            return refused(400, "'max_tokens' is not supported, use 'max_completion_tokens'")
        return refused(400, "'temperature' does not support 0") if "temperature" in body else said("ok")

    async with serving(answer) as server:
        assert (await ask(server)).text == "ok"  # type: ignore[attr-defined]
    assert server.bodies[-1]["max_completion_tokens"] == 100


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_later_means_again(status: int) -> None:
    async with serving(refused(status, "busy", retry_after="0"), said("ok")) as server:
        assert (await ask(server)).text == "ok"  # type: ignore[attr-defined]
    assert len(server.bodies) == 2


async def test_tries_end() -> None:
    async with serving(refused(429, "busy")) as server:
        with pytest.raises(ModelError, match="answered 429: busy"):
            await ask(server)
    assert len(server.bodies) == QUICK.attempts


async def test_a_server_that_asks_for_minutes_is_not_waited_for() -> None:
    async with serving(refused(429, "busy", retry_after="600")) as server:
        with pytest.raises(ModelError, match="429"):
            await ask(server)
    assert len(server.bodies) == 1


@pytest.mark.parametrize("status", [401, 403, 500])
async def test_other_errors_are_told_at_once_and_cost_nothing(status: int) -> None:
    budget = Budget(10_000)
    async with serving(refused(status, "no, because")) as server:
        with pytest.raises(ModelError, match=f"scripted at http://127.0.0.1:.* answered {status}: no, because"):
            await ask(server, budget)
    assert (len(server.bodies), budget.usage.tokens) == (1, 0)


async def test_a_slow_server_is_left_and_its_prompt_is_paid() -> None:
    budget = Budget(10_000)
    async with serving(said("late")) as server:
        server.hold = asyncio.Event()
        model = model_at(server, timeout=0.1)
        with pytest.raises(ModelError, match=r"did not answer within 0\.1 s"):
            await model.complete(ASK, max_tokens=100, budget=budget)
        await model.close()
    assert budget.usage.tokens > 0


async def test_nobody_listens() -> None:
    model = EndpointModel("http://127.0.0.1:9/v1", "m", retry=QUICK)
    with pytest.raises(ModelError, match=r"the model m at http://127\.0\.0\.1:9 cannot be reached"):
        await model.complete(ASK, max_tokens=100, budget=Budget(10_000))
    await model.close()


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("<html>hello</html>"),
        Response("{nonsense", media_type="application/json"),
        Response('{"choices": []}', media_type="application/json"),
        Response('{"choices": [{"message": null}]}', media_type="application/json"),
        Response("[]", media_type="application/json"),
        Response("null", media_type="application/json"),
    ],
)
async def test_something_else_at_the_address(answer: Response) -> None:
    async with serving(answer) as server:
        with pytest.raises(ModelError):
            await ask(server)


async def test_calls_of_tools() -> None:
    calls = [call("list_pods", {"namespace": "a"}), call("x", "{not json", "call-2"), call("y", "[1]", "call-3")]
    async with serving(said(None, calls=calls, finish="tool_calls"), said("done")) as server:
        model = model_at(server)
        reply = await model.complete(ASK, tools=[TOOL], max_tokens=100, budget=Budget(10_000))
        assert [(c.id, c.name, c.arguments, bool(c.problem)) for c in reply.tool_calls] == [
            ("call-1", "list_pods", {"namespace": "a"}, False),
            ("call-2", "x", {}, True),
            ("call-3", "y", {}, True),
        ]
        told = [*ASK, Message("assistant", "", reply.tool_calls), Message("tool", "no pods", call_id="call-1")]
        await model.complete(told, tools=[TOOL], max_tokens=100, budget=Budget(10_000))
        await model.close()
    assert server.bodies[0]["tools"][0]["function"]["name"] == "list_pods"
    *_, assistant, result = server.bodies[1]["messages"]
    assert assistant["content"] == ""  # null makes some servers fail
    assert assistant["tool_calls"][0]["function"]["arguments"] == '{"namespace":"a"}'
    assert result == {"role": "tool", "content": "no pods", "tool_call_id": "call-1"}
    assert ToolCall("call-1", "list_pods", {"namespace": "a"}) == reply.tool_calls[0]


async def test_nothing_is_sent_without_budget() -> None:
    async with serving(said("hi")) as server:
        with pytest.raises(BudgetSpentError, match="budget is used up"):
            await ask(server, Budget(10))
    assert server.bodies == []


async def test_a_small_rest_of_the_budget_shortens_the_reply() -> None:
    async with serving(said("hi")) as server:
        await ask(server, Budget(100))
    assert 32 <= server.bodies[0]["max_tokens"] < 100


async def test_tokens_are_estimated_where_the_server_does_not_count() -> None:
    budget = Budget(10_000)
    async with serving(said("some words", usage=None)) as server:
        await ask(server, budget)
    assert budget.usage.tokens_in > 0
    assert budget.usage.tokens_out > 0


@pytest.mark.parametrize("usage", [(-500, -500), (0, 0)])
async def test_a_server_that_counts_nothing_uses_up_the_budget_all_the_same(usage: tuple[int, int]) -> None:
    budget = Budget(1_000)
    async with serving(said("some words " * 20, usage=usage)) as server:
        await ask(server, budget)
    assert budget.usage.tokens_in > 0
    assert budget.usage.tokens_out > 10


@pytest.mark.parametrize(
    "body",
    [
        {"choices": ["x"]},
        {"choices": {"a": "b"}},
        {"choices": 5},
        {"choices": None},
        {"choices": []},
        {"choices": [{"message": "hi"}]},
        {"choices": [{"message": {"content": "x", "tool_calls": ["y"]}}]},
        {"choices": [{"message": {"content": "x", "tool_calls": 5}}], "usage": 7},
        {"usage": {"prompt_tokens": "many"}},
        {},
    ],
)
async def test_an_answer_that_is_no_completion_is_one_error_and_is_paid(body: dict[str, object]) -> None:
    budget = Budget(10_000)
    async with serving(JSONResponse(body)) as server:
        with pytest.raises(ModelError, match="no chat completion"):
            await ask(server, budget)
    assert budget.usage.tokens > 0


@pytest.mark.parametrize("body", [[], "x", 5, None])
async def test_an_answer_that_is_no_object_is_an_error(body: object) -> None:
    async with serving(JSONResponse(body)) as server:
        with pytest.raises(ModelError):
            await ask(server)


async def test_only_the_configured_host_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a redirect nor the environment leads a request, its key or its text to anybody else."""
    async with serving(said("stolen")) as other, serving(said("ok")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_BASE_URL"):
            monkeypatch.setenv(name, other.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
        monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody-else")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-somebody-else")
        assert (await ask(server)).text == "ok"  # type: ignore[attr-defined]
        server.script = [RedirectResponse(f"{other.url}/chat/completions", 307)]
        with pytest.raises(ModelError, match="307"):
            await ask(server)
    assert other.bodies == []
    sent = str(server.headers)
    assert "somebody-else" not in sent
    assert "authorization" not in server.headers[0]


async def test_the_key_is_sent_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(refused(401, "the key secret-key-1 is wrong")) as server:
        model = model_at(server, key="secret-key-1")
        with pytest.raises(ModelError) as caught:
            await model.complete(ASK, max_tokens=100, budget=Budget(10_000))
        await model.close()
    assert server.headers[0]["authorization"] == "Bearer secret-key-1"
    assert "secret-key-1" not in str(caught.value) + repr(model)


async def test_the_models_on_offer() -> None:
    async with serving(said("x")) as server:
        model = model_at(server)
        assert await model.offered() == ["scripted"]
        await model.close()


async def test_a_transport_replaces_the_network() -> None:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(404, json={"error": {"message": "no such model"}}))
    model = EndpointModel("https://models.example/v1", "m", transport=transport, retry=QUICK)
    with pytest.raises(ModelError, match="answered 404: no such model"):
        await model.complete(ASK, max_tokens=100, budget=Budget(10_000))
    await model.close()


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x/", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="the model"):
        EndpointModel(url, "m")
