from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.masks import _MASKS, mask


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("2026-01-02T03:04:05.678Z request done", "<time> request done"),
        ("dial tcp 10.96.12.3:8083: connect: connection refused", "dial tcp <ip>: connect: connection refused"),
        ("took 12.5ms for 3 items", "took <num>ms for <num> items"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 sampled", "trace <id> sampled"),
        ("user 123e4567-e89b-12d3-a456-426614174000", "user <id>"),
        ("pod geo-6c9d8f7b54-x7k2p is gone", "pod geo-<pod> is gone"),
        ("at 0x7ffee4 in libc", "at <hex> in libc"),
        ("  spaced \t out  ", "spaced out"),
        ("\x1b[31mERROR\x1b[0m failed", "ERROR failed"),
        ("heap 512Mi of 1024Mi", "heap <num>Mi of <num>Mi"),
        ("s3 bucket v2 stays", "s3 bucket v2 stays"),
    ],
)
def test_what_varies_is_masked(line: str, masked: str) -> None:
    assert mask(line) == masked


@given(st.text(max_size=200))
def test_any_text_is_masked_to_one_line(text: str) -> None:
    assert "\n" not in mask(text)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_numbers_do_not_tell_lines_apart(first: int, second: int) -> None:
    assert mask(f"served {first} in {second}ms") == mask("served 1 in 2ms")


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["a1-", "a", "1", "1.", "a-", "-1", "0x", "\x1b[0;", "deadbeef", "12:34:5", "a1b-"])
def test_a_long_line_takes_time_in_proportion_to_its_length(piece: str) -> None:
    """With a mask that tries each beginning of a run anew, one of these takes hours."""
    line = piece * (300_000 // len(piece)) + "x"
    assert mask(f"{line} took 7") == f"{mask(line)} took <num>"


def test_two_pods_on_a_line_are_both_masked() -> None:
    assert mask("geo-6c9d8f7b54-x7k2p calls rate-5d4f7c9b8-zz9k1") == "geo-<pod> calls rate-<pod>"


@given(st.text(st.sampled_from("0123456789abcdefx:.,-/ TZ%\x1b[m"), max_size=60))
def test_what_no_mark_stands_for_no_pattern_takes(line: str) -> None:
    told = line
    for pattern, _, hole in _MASKS:
        told = pattern.sub(hole, told)
    assert mask(line) == " ".join(told.split())
