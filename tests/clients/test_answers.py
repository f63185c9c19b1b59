"""Answers that are kept: asked once, whoever asks, and errors not at all."""

from __future__ import annotations

import asyncio

import pytest

from aiops.clients.answers import Answers


class Oracle:
    """Counts what it is asked; answers once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = asyncio.Event()
        self.may.set()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may.wait()
        if self.error is not None:
            raise self.error
        return number


async def test_what_is_known_is_not_asked_again():
    answers, oracle = Answers[int](), Oracle()
    assert [await answers.of("a", oracle), await answers.of("a", oracle), await answers.of("b", oracle)] == [1, 1, 2]


async def test_who_asks_meanwhile_waits_for_the_same_answer():
    answers, oracle = Answers[int](), Oracle()
    assert await asyncio.gather(*(answers.of("a", oracle) for _ in range(5))) == [1] * 5
    assert oracle.asked == 1


async def test_an_error_is_no_answer():
    answers, oracle = Answers[int](), Oracle()
    oracle.error = ValueError("away")
    with pytest.raises(ValueError, match="away"):
        await answers.of("a", oracle)
    oracle.error = None
    assert await answers.of("a", oracle) == 2


async def test_one_who_gives_up_does_not_take_the_answer_from_the_others():
    answers, oracle = Answers[int](), Oracle()
    oracle.may.clear()
    first, second = [asyncio.create_task(answers.of("a", oracle)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    oracle.may.set()
    assert await second == 2
    assert oracle.asked == 2
