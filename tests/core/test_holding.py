"""Who holds a virtual clock still cannot wait for it."""

from __future__ import annotations

import asyncio

import pytest

from aiops.core.clock import holding, refuse_while_holding
from aiops.core.errors import AiopsError


def test_only_while_it_is_held() -> None:
    refuse_while_holding()
    with holding():
        with pytest.raises(AiopsError, match="wait for ever"):
            refuse_while_holding()
        with holding():
            pass
        with pytest.raises(AiopsError):
            refuse_while_holding()
    refuse_while_holding()


async def test_tasks_that_were_started_inside_hold_it_only_as_long() -> None:
    go_on, refused = asyncio.Event(), []

    async def inner() -> None:
        for _ in range(2):
            try:
                refuse_while_holding()
                refused.append(False)
            except AiopsError:
                refused.append(True)
            await go_on.wait()

    with holding():
        task = asyncio.create_task(inner())
        await asyncio.sleep(0)
    go_on.set()
    await task
    assert refused == [True, False]


async def test_an_error_lets_go() -> None:
    with pytest.raises(ValueError, match="x"), holding():
        raise ValueError("x")
    refuse_while_holding()
