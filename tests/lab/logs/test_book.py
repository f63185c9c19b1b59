from __future__ import annotations

from copy import deepcopy

import pytest

from aiops.lab.logs.book import CHUNK, NOBODY, LogBook, Statement


def _add(book: LogBook, container: str, times: list[float], template: str = "{status} {ms:.0f}") -> None:
    book.make_room(len(times), times[0])
    number = book.number(Statement(container, template, {}), (container, template))
    rows = book.append(len(times), min(times), max(times))
    rows["time"], rows["statement"], rows["seconds"], rows["status"] = times, number, 0.5, 503
    rows["key"] = range(len(times))


def test_lines_of_one_container_between_two_moments() -> None:
    book = LogBook()
    _add(book, "a", [1.0, 2.0, 3.0])
    _add(book, "b", [2.5])
    assert [(w.time, w.text) for w in book.written("a", 2.0, 3.0)] == [(2.0, "503 500"), (3.0, "503 500")]
    assert [w.time for w in book.written("b", 0.0, 9.0)] == [2.5]
    assert book.written("c", 0.0, 9.0) == []


def test_lines_are_in_the_order_of_time() -> None:
    book = LogBook()
    _add(book, "a", [3.0])
    _add(book, "a", [2.0])
    assert [w.time for w in book.written("a", 0.0, 9.0)] == [2.0, 3.0]


def test_a_message_of_several_lines_is_several_lines() -> None:
    book = LogBook()
    _add(book, "a", [1.0], "boom\n\tat x\n\tat y")
    written = book.written("a", 0.0, 9.0)
    assert [w.text for w in written] == ["boom", "\tat x", "\tat y"]
    assert written[0].time < written[1].time < written[2].time < 1.001


def test_numbers_lose_their_meaning_with_the_chunk() -> None:
    book = LogBook()
    _add(book, "a", [1.0] * (CHUNK - 1))
    before = book.generation
    _add(book, "a", [2.0, 3.0])
    assert book.generation == before + 1
    assert [w.time for w in book.written("a", 1.5, 9.0)] == [2.0, 3.0]
    assert len(book.written("a", 0.0, 9.0)) == CHUNK + 1


def test_of_a_tail_only_the_newest_chunks_are_read() -> None:
    book = LogBook()
    _add(book, "a", [1.0] * CHUNK)
    _add(book, "a", [2.0, 3.0])
    assert [w.time for w in book.written("a", 0.0, 9.0, tail=2)] == [2.0, 3.0]


def test_what_is_too_old_is_forgotten() -> None:
    book = LogBook(retention=100.0)
    _add(book, "a", [1.0] * CHUNK)
    _add(book, "a", [50.0] * CHUNK)
    _add(book, "a", [140.0])
    assert {w.time for w in book.written("a", 0.0, 999.0)} == {50.0, 140.0}


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_before_a_process_serves(count: int) -> None:
    book = LogBook()
    book.make_room(1, 0.0)
    rows = book.append(1, 1.0, 1.0)
    rows["time"], rows["statement"] = 1.0, book.number(Statement("a", "x", {}, since=2.0 - count), "a")
    assert len(book.written("a", 0.0, 9.0)) == count


def test_what_is_kept_to_oneself_is_no_line() -> None:
    book = LogBook()
    book.make_room(1, 0.0)
    rows = book.append(1, 1.0, 1.0)
    rows["time"], rows["statement"] = 1.0, NOBODY
    assert book.written("", 0.0, 9.0) == []


def test_where_a_container_has_written_to() -> None:
    book = LogBook()
    book.make_room(1, 0.0)
    rows = book.append(1, 1.0, 1.0)
    rows["time"], rows["statement"] = 1.0, book.number(Statement("a", "x", {}, "stderr"), "a")
    assert book.streams("a", 0.0, 9.0) == {"stderr"}
    assert book.streams("a", 2.0, 9.0) == frozenset()


def test_a_copy_goes_its_own_way() -> None:
    book = LogBook()
    _add(book, "a", [1.0] * CHUNK)
    _add(book, "a", [2.0])
    copy = deepcopy(book)
    _add(copy, "b", [3.0])
    _add(book, "a", [4.0])
    assert len(copy.written("a", 0.0, 9.0)) == CHUNK + 1
    assert [w.time for w in copy.written("b", 0.0, 9.0)] == [3.0]
    assert book.written("b", 0.0, 9.0) == []
    assert book.written("a", 1.5, 9.0)[-1].time == 4.0
