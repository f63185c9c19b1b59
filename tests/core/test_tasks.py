"""Tasks that end together."""

from __future__ import annotations

import asyncio

import pytest

from aiops.core.tasks import task_group


async def test_the_first_error_ends_the_others_and_is_raised_as_it_is() -> None:
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waits")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise KeyError("gone")

    async def both() -> None:
        async with task_group() as group:
            group.create_task(waits())
            group.create_task(fails())

    with pytest.raises(KeyError, match="gone"):
        await both()
    assert ended == ["waits"]


async def test_what_all_give_is_there_afterwards() -> None:
    async def gives(value: int) -> int:
        await asyncio.sleep(0)
        return value

    async with task_group() as group:
        tasks = [group.create_task(gives(number)) for number in range(3)]
    assert [task.result() for task in tasks] == [0, 1, 2]
