"""A GGUF file in a process of its own. The model says nonsense; its form, limits and failures are what counts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from aiops.clients.models.budget import Budget
from aiops.clients.models.errors import BudgetSpentError, ModelError
from aiops.clients.models.local import LocalModel
from aiops.clients.models.local_chat import grammar_of, read_call, turns
from aiops.clients.models.protocol import Message, ToolCall, ToolSpec
from aiops.core.errors import ConfigurationError

pytest.importorskip("gguf")
installed = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra 'local' is missing")

ASK = [Message("user", "which?")]
FLAG = ToolSpec(
    "set_flag", "Set it.", {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]}
)


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")
    which: Literal["a-1", "b-2"]
    sure: bool


@pytest.fixture(scope="session")
def gguf_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support.tiny_gguf import write_tiny_gguf

    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf")


@installed
async def test_form_calls_limits_and_budget(gguf_file: Path) -> None:
    """One process for all of it: loading takes longest."""
    model, budget = LocalModel(gguf_file, context=2048), Budget(20_000)
    try:
        reply = await model.complete(ASK, schema=Choice, max_tokens=200, budget=budget)
        assert isinstance(reply.parsed, Choice)
        assert (budget.usage.tokens_in, budget.usage.tokens_out) == (reply.tokens_in, reply.tokens_out)
        again = await model.complete(ASK, schema=Choice, max_tokens=200, budget=budget)
        assert again.text == reply.text  # no randomness

        called = await model.complete(ASK, tools=[FLAG], max_tokens=200, budget=budget)
        assert all(c.name == "set_flag" and isinstance(c.arguments.get("on"), bool) for c in called.tool_calls)

        free = await model.complete(ASK, max_tokens=8, budget=budget)
        assert free.tokens_out <= 9  # llama.cpp also counts the token at which it stopped
        with pytest.raises(ModelError, match="cut off"):
            await model.complete(ASK, schema=Choice, max_tokens=3, budget=budget)
        with pytest.raises(ModelError, match=r"cannot answer: .*context"):
            await model.complete([Message("user", "x" * 4_000)], max_tokens=5, budget=budget)
        with pytest.raises(BudgetSpentError):
            await model.complete(ASK, max_tokens=5, budget=Budget(3))
        assert (await model.complete(ASK, max_tokens=5, budget=budget)).tokens_out > 0
    finally:
        await model.close()


@installed
async def test_no_bound_of_a_schema_ends_the_process(gguf_file: Path) -> None:
    """A text of thousands of characters, as a tool may allow it, would be a grammar that llama.cpp dies of."""
    bounds: dict[str, Any] = {
        "long": {"type": "string", "maxLength": 100_000, "pattern": "^(a+)+$"},
        "many": {"type": "array", "items": {"type": "integer"}, "maxItems": 100_000},
        "free": {"type": "object", "additionalProperties": True},
    }
    tool = ToolSpec("write", "Write.", {"type": "object", "properties": bounds, "required": ["long"]})
    model = LocalModel(gguf_file, context=2048)
    try:
        request = {"messages": turns(ASK, None, [tool]), "schema": grammar_of(None, [tool]), "max_tokens": 60}
        assert (await model._worker.ask(request, 60.0)).get("tokens_out")
        assert (await model.complete(ASK, max_tokens=5, budget=Budget(20_000))).tokens_out > 0
    finally:
        await model.close()


@installed
async def test_a_damaged_file_does_not_take_us_along(tmp_path: Path) -> None:
    file = tmp_path / "damaged.gguf"
    file.write_bytes(b"GGUF" + b"\xff" * 200)
    model = LocalModel(file)
    with pytest.raises(ModelError, match=r"damaged\.gguf (cannot be loaded|: its process ended)"):
        await model.complete(ASK, max_tokens=5, budget=Budget(1_000))
    await model.close()


def test_without_the_package_the_extra_is_named(gguf_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiops.clients.models.local.PACKAGE", "no_such_package")
    with pytest.raises(ConfigurationError, match="extra 'local'"):
        LocalModel(gguf_file)


def test_turns_fit_templates_that_know_user_and_assistant_only() -> None:
    call = ToolCall("call-1", "set_flag", {"on": True})
    told = [
        Message("system", "s"),
        Message("user", "q"),
        Message("assistant", "", (call,)),
        Message("tool", "done", call_id="call-1"),
    ]
    found = turns(told, None, [FLAG])
    assert [turn["role"] for turn in found] == ["user", "assistant", "user"]
    assert found[0]["content"] == "s\n\nq"
    assert found[1]["content"] == '{"tool":"set_flag","arguments":{"on":true}}'
    assert found[2]["content"].startswith("done\n\nCall one tool")
    assert "Set it." in found[2]["content"]


def test_the_form_of_a_call_names_the_tools_and_the_way_out() -> None:
    form: Any = grammar_of(None, [FLAG])
    assert [part["properties"]["tool"]["const"] for part in form["anyOf"]] == ["set_flag", "none"]
    assert grammar_of(None, ()) is None
    assert read_call('{"tool": "none", "arguments": {}}', 1) == ()
    assert read_call('{"tool": "x", "arguments": {"a": 1}}', 2) == (ToolCall("call-2", "x", {"a": 1}),)
    with pytest.raises(ModelError, match="no call of a tool"):
        read_call("[]", 1)
