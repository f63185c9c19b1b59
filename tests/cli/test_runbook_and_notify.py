"""`aiops runbook` and `aiops notify`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support import forked
from tests.support.receiver import receiving, status


async def _aiops(tmp_path: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    ended = await forked.ran(*arguments, directory=tmp_path, **settings)
    return ended.code, ended.out, ended.err


async def test_runbooks_are_listed_searched_and_shown(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "bad.md").write_text("no front matter")
    code, out, err = await _aiops(tmp_path, "runbook", "list", AIOPS_RUNBOOKS_DIR=str(own))
    assert code == 0
    assert "memory-limit" in out
    assert "bad.md:1" in err.replace("\n", "")
    code, out, _ = await _aiops(tmp_path, "runbook", "search", "pods keep dying with 137", "--json")
    assert json.loads(out)[0]["runbook"] == "memory-limit"
    code, out, _ = await _aiops(tmp_path, "runbook", "show", "memory-limit")
    assert out.startswith("# The memory limit")
    code, _, err = await _aiops(tmp_path, "runbook", "show", "memory-limits")
    assert (code, "did you mean memory-limit" in err) == (2, True)


async def test_a_sample_is_sent_to_each_receiver(tmp_path: Path) -> None:
    async with receiving() as hook, receiving(lambda _: status(403)) as slack:
        settings = {"AIOPS_WEBHOOK_URL": hook.url, "AIOPS_WEBHOOK_SECRET": "0123456789abcdef"}
        code, out, _ = await _aiops(tmp_path, "notify", "test", **settings)
        assert (code, out) == (0, "webhook: delivered\n")
        code, out, _ = await _aiops(tmp_path, "notify", "test", **settings, AIOPS_SLACK_WEBHOOK_URL=slack.url)
    assert code == 1
    assert out.splitlines() == ["webhook: delivered", "slack: Slack answered with HTTP 403"]
    assert json.loads(hook.requests[0].body)["occasion"] == "test"


async def test_without_a_receiver_it_says_what_to_set(tmp_path: Path) -> None:
    code, _, err = await _aiops(tmp_path, "notify", "test")
    assert code == 2
    assert "set webhook_url with webhook_secret" in err
