"""`aiops model check` against a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from starlette.responses import Response

from tests.support import forked
from tests.support.model_server import call, refused, said, serving


async def run(directory: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    ended = await forked.ran("model", *arguments, directory=directory, **settings)
    return ended.code, ended.out, ended.err


def able(body: dict[str, Any]) -> Response:
    if "tools" in body:
        return said(None, calls=[call("set_lamp", {"on": True})])
    return said({"colour": "green"}) if "response_format" in body else said("one two \x1b[31mthree [bold]")


async def test_a_good_model(tmp_path: Path) -> None:
    async with serving(able) as server:
        named = {"AIOPS_MODEL_URL": server.url, "AIOPS_MODEL_NAME": "scripted", "AIOPS_MODEL_KEY": "secret-key"}
        code, out, _ = await run(tmp_path, "check", "--json", **named)
        found = json.loads(out)
        assert code == 0
        assert (found["reachable"], found["json_output"], found["tool_calls"]) == (True, True, True)
        assert (found["offered"], found["problems"], found["tokens"]) == (["scripted"], [], 480)
        assert found["tokens_per_second"] > 0
        code, shown, _ = await run(tmp_path, "check", **named)
    assert code == 0
    assert shown.count("yes") == 3
    assert "secret-key" not in out + shown


async def test_what_a_model_cannot_do_is_said(tmp_path: Path) -> None:
    async with serving(said("blah \x1b[31m")) as server:
        named = {"AIOPS_MODEL_URL": server.url, "AIOPS_MODEL_NAME": "other"}
        code, out, _ = await run(tmp_path, "check", **named)
    assert code == 1
    assert out.count("no ") >= 2
    assert "without calling the tool" in " ".join(out.split())
    assert "does not name other" in " ".join(out.split())
    assert "\x1b" not in out


async def test_an_error_of_the_server_is_told(tmp_path: Path) -> None:
    async with serving(refused(401, "who are \x1b[31myou?")) as server:
        code, out, _ = await run(tmp_path, "check", AIOPS_MODEL_URL=server.url, AIOPS_MODEL_NAME="m")
    assert code == 1
    assert "401: who are" in " ".join(out.split())
    assert "\x1b" not in out


async def test_no_model_is_configured(tmp_path: Path) -> None:
    code, _, err = await run(tmp_path, "check")
    assert code == 2
    assert err.startswith("aiops: no model is configured")
