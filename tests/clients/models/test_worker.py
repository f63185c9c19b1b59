"""A child process that crashes, hangs or is late takes nobody along."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from aiops.clients.models.errors import ModelError
from aiops.clients.models.worker import Worker

CHILD = str(Path(__file__).with_name("echo_worker.py"))


def worker(start: str = "ready") -> Worker:
    made = Worker("the child", "unused", (), patience=20.0)
    made._command = (sys.executable, CHILD, start)
    return made


async def test_one_process_answers_all_and_sees_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOPS_TOKEN", "secret")
    child = worker()
    first, second = await child.ask({"do": "say"}, 10.0), await child.ask({"do": "say"}, 10.0)
    await child.close()
    assert first["pid"] == second["pid"] != os.getpid()
    assert first["seen"] == []


@pytest.mark.parametrize(("bad", "told"), [("crash", "ended with code -11"), ("hang", r"did not answer within 0\.3 s")])
async def test_after_a_crash_or_a_hang_a_new_process_answers(bad: str, told: str) -> None:
    child = worker()
    first = await child.ask({"do": "say"}, 10.0)
    with pytest.raises(ModelError, match=told):
        await child.ask({"do": bad}, 0.3 if bad == "hang" else 10.0)
    with pytest.raises(ProcessLookupError):
        os.kill(first["pid"], 0)
    assert (await child.ask({"do": "say"}, 10.0))["pid"] != first["pid"]
    await child.close()


@pytest.mark.parametrize(("start", "told"), [("dies", "ended with code -11"), ("no", "cannot be loaded: not today")])
async def test_a_process_that_does_not_start(start: str, told: str) -> None:
    child = worker(start)
    with pytest.raises(ModelError, match=told):
        await child.ask({"do": "say"}, 10.0)
    await child.close()


async def test_requests_at_once_get_their_own_answers() -> None:
    child = worker()
    answers = await asyncio.gather(*(child.ask({"do": "say"}, 10.0) for _ in range(5)))
    await child.close()
    assert len({answer["pid"] for answer in answers}) == 1


async def test_a_cancelled_request_leaves_no_answer_behind() -> None:
    child = worker()
    await child.ask({"do": "say"}, 10.0)
    task = asyncio.create_task(child.ask({"do": "hang"}, 10.0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "pid" in await child.ask({"do": "say"}, 10.0)
    await child.close()
