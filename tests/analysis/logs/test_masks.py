from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.masks import HOLE, LONGEST, Masker, mask


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("2026-01-02T03:04:05.678Z request done", "<*> request done"),
        ("2026-01-02 03:04:05,678 - request done", "<*> - request done"),
        ("at Fri Jun 17 07:07:00 2005 it began", "at <*> it began"),
        ("dial tcp 10.96.12.3:8083: connect: connection refused", "dial tcp <*>: connect: connection refused"),
        ("got /10.96.12.3:8083", "got <*>"),
        ("dial cart.shop.svc.cluster.local:8080 failed", "dial <*> failed"),
        ("took 12.5ms for 3 items, 4 left", "took <*> for <*> items, <*> left"),
        ("-1 below, +3 above, 12% used, 1,024 bytes", "<*> below, <*> above, <*>% used, <*> bytes"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 sampled", "trace <*> sampled"),
        ("user 123e4567-e89b-12d3-a456-426614174000", "user <*>"),
        ("card aa:bb:cc:dd:ee:ff is up", "card <*> is up"),
        ("pod geo-6c9d8f7b54-x7k2p is gone", "pod geo-<*> is gone"),
        ("pod geo-bc9d8f7b54-x7k2p calls rate-5d4f7c9b8-zz9k1", "pod geo-<*> calls rate-<*>"),
        ("at 0x7ffee4 in libc", "at <*> in libc"),
        ("open /etc/app/config.yaml: no such file", "open <*>: no such file"),
        ("open ./data/x-1.", "open <*>."),
        ("open C:\\Users\\x failed", "open <*> failed"),
        ("GET https://example.org/a?b=c HTTP/1.1", "GET <*> HTTP/<*>"),
        ("order_77120 of blk_-388 by job000123x", "<*> of <*> by <*>"),
        ("reason=1003, on=true, left=null", "reason=<*>, on=<*>, left=<*>"),
        ("  spaced \t out \n twice ", "spaced out twice"),
        ("\x1b[31mERROR\x1b[0m failed", "ERROR failed"),
        ("heap 512Mi of 1024Mi", "heap <*> of <*>"),
        ("s3 bucket of ssh2 stays, 100%s and %d too", "s3 bucket of ssh2 stays, <*>%s and %d too"),
        ("from 10.0.0.1 () at once", "from <*> (<*>) at once"),
        ("delete 1 2 3 4 5 6 7", "delete <*>"),
    ],
)
def test_what_varies_becomes_a_hole(line: str, masked: str) -> None:
    assert mask(line) == masked


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("login failed password=hunter2 user=bob", "login failed password=<*> user=bob"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer <*>"),
        ("login failed password=[redacted] user=bob", "login failed password=<*> user=bob"),
        ("dial postgres://app:hunter@db refused", "dial <*>:<*>@db refused"),
    ],
)
def test_secrets_become_holes(line: str, masked: str) -> None:
    assert mask(line) == masked


@given(st.text(max_size=200))
def test_any_text_is_masked_to_one_line(text: str) -> None:
    found = mask(text)
    assert "\n" not in found
    assert found == " ".join(found.split())


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbers_do_not_tell_lines_apart(first: int, second: int) -> None:
    assert mask(f"served {first} in {second}ms") == mask("served 1 in 2ms")


LINES = st.text(st.sampled_from("0123456789abcxLv._-:/%()=<*> \0\x1b[mé²٣"), max_size=40)


@given(st.lists(LINES, max_size=8))
def test_a_batch_differs_from_each_line_alone_in_holes_only(lines: list[str]) -> None:
    masker = Masker()
    places = [masker.add(line) for line in lines]
    masked = masker.masked()
    for line, place in zip(lines, places, strict=True):
        words = zip(mask(line).split(" "), masked[place].split(" "), strict=True)
        assert all(alone == together or "<*>" in together for alone, together in words)


@given(LINES)
def test_a_line_that_comes_twice_is_masked_as_if_it_came_once(line: str) -> None:
    masker = Masker()
    assert masker.add(line) == masker.add(line) == 0
    assert masker.masked() == [mask(line)]


def test_words_that_differ_in_digits_are_holes_and_names_of_fields_are_not() -> None:
    masker = Masker()
    places = [masker.add(line) for line in ("node n1 of r1=x on s3", "node n2 of r1=y on s3", "node n3 of r1=x on s3")]
    assert places[0] == places[2] != places[1]
    assert masker.masked() == ["node <*> of r1=x on s3", "node n2 of r1=y on s3"]
    assert len({masker.add(line) for line in ("r1=x", "r2=x", '{"f1":0}', '{"f2":0}')}) == 4


@given(LINES)
def test_digits_that_stay_are_those_of_the_line(line: str) -> None:
    rest = iter(line)
    assert all(digit in rest for digit in mask(line) if digit in "0123456789")


PIECES = (
    *(
        "a1-",
        "a",
        "1",
        "1.",
        "a-",
        "-1",
        "0x",
        "\x1b[0;",
        "deadbeef",
        "12:34:5",
        "a1b-",
        "a.",
        "a_",
        "a://",
        "/.",
        "./",
    ),
    *("ab:", "a.b:", "Mon Jan ", "v1.", "a://:", "token", "token=", "()", "<*>", "C:\\", "é"),
)


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_line_takes_time_in_proportion_to_its_length(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a mask that tries each beginning of a run anew, one of these takes hours."""
    monkeypatch.setattr("aiops.analysis.logs.masks.LONGEST", 300_010)
    line = piece * (300_000 // len(piece))
    assert mask(f"{line} took 7").endswith(HOLE)


def test_only_the_beginning_of_a_long_line_is_looked_at() -> None:
    assert mask("x" * LONGEST + " and 7 more") == "x" * LONGEST
