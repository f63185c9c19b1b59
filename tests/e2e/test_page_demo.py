"""The demo with its page, as somebody without a screen runs it; the answer comes from the page's side."""

from __future__ import annotations

import asyncio
import re
import sys
from functools import partial
from pathlib import Path

import httpx2
import pytest

from aiops.core.clock import pause
from aiops.core.errors import ConfigurationError
from aiops.server.address import find
from aiops.ui.api import ServerApi


async def _answered(state: Path) -> str:
    """Approve the first proposal that comes, by the server's API, as the page does."""
    for _ in range(2000):
        await pause(0.1)
        try:
            find(state)
        except ConfigurationError:
            continue
        async with ServerApi(partial(find, state)) as api:
            for waiting in await api.request("GET", "/api/approvals", decision="pending"):
                body = {"decision": "approved", "digest": waiting["digest"], "actor": "page", "reason": ""}
                await api.request("POST", f"/api/approvals/{waiting['id']}", body)
                return str(waiting["id"])
    raise AssertionError("nothing was proposed")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_page_answers_while_the_terminal_asks(tmp_path: Path) -> None:
    command = [
        "-m",
        "aiops.cli.main",
        "demo",
        "--no-browser",
        "--port",
        "0",
        "--seed",
        "4",
        "--keep",
        str(tmp_path / "d"),
    ]
    pipe = asyncio.subprocess.PIPE
    demo = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=pipe, stdout=pipe, stderr=pipe)
    assert demo.stdout is not None
    head = b""
    while b"token=" not in head:
        line = await demo.stdout.readline()
        assert line, head
        head += line
    link = re.search(rb"http://127\.0\.0\.1:\d+/\?token=[\w-]+", head)
    assert link is not None
    async with httpx2.AsyncClient(follow_redirects=False) as browser:
        assert (await browser.get(link[0].decode().split("?")[0])).status_code == 401
        assert (await browser.get(link[0].decode())).status_code == 200
        assert "aiops" in (await browser.get(link[0].decode().split("?")[0])).text
    await _answered(tmp_path / "d" / "state")
    while b"answered on the page" not in line:  # only then may the terminal's side be closed
        line = await demo.stdout.readline()
        assert line
    rest, errors = await asyncio.wait_for(demo.communicate(), 240)
    assert demo.returncode == 0, rest.decode() + errors.decode()
    assert "resolved" in rest.decode()
