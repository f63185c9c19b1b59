from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from aiops.cli.browser import open_page
from aiops.cli.demo_follow import ask
from aiops.cli.prompt import interactive, read_line
from aiops.core.errors import InvalidInputError


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard input is a pipe; gives the end that is typed into."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield writing


@pytest.mark.parametrize(("typed", "said"), [("y", True), ("YES ", True), ("", False), ("n", False), ("why", False)])
async def test_only_a_yes_approves(keyboard: int, typed: str, said: bool) -> None:
    os.write(keyboard, f"{typed}\n".encode())
    assert await ask(Console(file=io.StringIO())) is said
    os.close(keyboard)


async def test_an_end_of_input_is_no_answer(keyboard: int) -> None:
    os.close(keyboard)
    with pytest.raises(InvalidInputError, match="--approve or --deny"):
        await ask(Console(file=io.StringIO()))


async def test_two_answers_typed_at_once_are_two_answers(keyboard: int) -> None:
    os.write(keyboard, b"n\ny\n")
    assert [await read_line(), await read_line()] == ["n\n", "y\n"]
    os.close(keyboard)


async def test_a_question_that_is_given_up_takes_nothing(keyboard: int) -> None:
    waiting = asyncio.create_task(read_line())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    os.write(keyboard, b"y\n")
    assert await read_line() == "y\n"
    os.close(keyboard)


async def test_input_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("y\n")
    with (tmp_path / "answers").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert [await read_line(), await read_line()] == ["y\n", ""]
        assert not interactive()


def test_the_link_is_opened_from_a_file_of_its_owner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: bool(opened.append(address)) or True)
    assert open_page('http://127.0.0.1:8090/?token=a"b', tmp_path)
    [address] = opened
    assert "token" not in address
    file = Path(address.removeprefix("file://"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "url=http://127.0.0.1:8090/?token=a&quot;b" in file.read_text()
