"""`aiops incident` in front of a scripted assistant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiops.core.server_address import ServerAddress
from aiops.lab.serving import Served
from aiops.server.address import announce
from tests.support import forked
from tests.support.hostile import EVERYTHING, STEERING
from tests.ui.scripted import INCIDENT, TOKEN, Scripted, until_proposal


async def _aiops(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    ended = await forked.ran("incident", *arguments, directory=folder, COLUMNS="200", **settings)
    return ended.code, ended.out, ended.err


@pytest.mark.parametrize("way", ["file", "variable", "option"])
async def test_the_running_assistant_is_found_as_every_command_finds_it(tmp_path: Path, way: str) -> None:
    (tmp_path / "aiops.toml").write_text(f'state_dir = "{"here" if way == "file" else "nowhere"}"')
    settings = {"AIOPS_STATE_DIR": "here"} if way == "variable" else {}
    arguments = ["list", *(["--state-dir", "here"] if way == "option" else [])]
    async with Served(Scripted(until_proposal()).app()) as url:
        announce(tmp_path / "here", ServerAddress(url=url, token=TOKEN))
        code, out, err = await _aiops(tmp_path, *arguments, **settings)
    assert (code, err) == (0, "")
    assert INCIDENT in out
    assert "Needs approval" in out


async def test_no_proxy_of_the_environment_gets_the_token(tmp_path: Path) -> None:
    dead = "http://127.0.0.1:9"
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), dead) | {"NO_PROXY": ""}
    async with Served(Scripted(until_proposal()).app()) as url:
        announce(tmp_path / ".aiops", ServerAddress(url=url, token=TOKEN))
        code, out, _ = await _aiops(tmp_path, "list", "--json", **proxies)
    assert (code, json.loads(out)[0]["id"]) == (0, INCIDENT)


async def test_wrong_tokens_lost_servers_and_unknown_incidents_end_in_one_line(tmp_path: Path) -> None:
    assert "start one with 'aiops serve'" in (await _aiops(tmp_path, "list"))[2]
    async with Served(Scripted(until_proposal()).app()) as url:
        announce(tmp_path / ".aiops", ServerAddress(url=url, token="old"))
        wrong = await _aiops(tmp_path, "list")
        announce(tmp_path / ".aiops", ServerAddress(url=url, token=TOKEN))
        unknown = await _aiops(tmp_path, "show", "../approvals?x")
    lost = await _aiops(tmp_path, "list")
    assert [code for code, _, _ in (wrong, unknown, lost)] == [2, 2, 2]
    assert "a bearer token is needed" in wrong[2]
    assert "no answer from the assistant" in lost[2]
    assert all(len(err.splitlines()) == 1 for _, _, err in (wrong, unknown, lost))


async def test_no_text_of_an_incident_steers_the_terminal(tmp_path: Path) -> None:
    async with Served(Scripted(until_proposal(EVERYTHING), title=EVERYTHING).app()) as url:
        announce(tmp_path / ".aiops", ServerAddress(url=url, token=TOKEN))
        listed, shown = await _aiops(tmp_path, "list"), await _aiops(tmp_path, "show", INCIDENT)
    for code, out, _ in (listed, shown):
        assert code == 0
        assert "[red]bold[/red]" in out
        assert not [c for c in "".join(STEERING) if not c.isprintable() and c in out]
