"""Which Events are written, counted, combined and left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.control.correlator import BURST, COMBINED, REFILL_SECONDS, Correlator, Note

POD = ("node-1", "Pod", "default", "web", "uid")


def _note(message: str, reason: str = "Failed") -> Note:
    return Note(POD, "Warning", reason, message)


def test_what_repeats_is_counted() -> None:
    correlator = Correlator()
    counts = []
    for moment in range(5):
        told = correlator.observe(_note("same"), float(moment))
        assert told is not None
        counts.append((told.count, told.message, told.first))
    assert counts == [(n, "same", 0.0) for n in range(1, 6)]


def test_many_that_differ_are_combined_from_the_tenth_on() -> None:
    correlator = Correlator()
    told = [correlator.observe(_note(f"number {n}"), 0.0) for n in range(12)]
    messages = [(entry.message, entry.count) for entry in told if entry is not None]
    assert messages[8] == ("number 8", 1)
    assert told[9] is told[10] is told[11]
    last = told[11]
    assert last is not None
    assert (last.message, last.count, last.combined) == (f"{COMBINED}number 11", 3, True)


def test_after_ten_quiet_minutes_nothing_is_combined() -> None:
    correlator = Correlator()
    for n in range(9):
        correlator.observe(_note(f"number {n}"), 0.0)
    told = correlator.observe(_note("another"), 601.0)
    assert told is not None
    assert not told.combined


def test_a_source_that_tells_too_much_is_heard_again_later() -> None:
    correlator = Correlator()
    heard = [correlator.observe(_note("same"), 0.0) is not None for _ in range(BURST + 3)]
    assert heard == [True] * BURST + [False] * 3
    told = correlator.observe(_note("same"), REFILL_SECONDS)
    assert told is not None
    assert told.count == BURST + 4, "what was left out counts, too"
    assert correlator.observe(Note(POD, "Normal", "Pulled", "x"), 0.0) is not None, "of another type"


steps = st.lists(st.tuples(st.sampled_from("abcdefghijklmno"), st.integers(0, 400)), max_size=80)


@given(steps)
def test_no_more_is_written_than_the_bucket_holds(notes: list[tuple[str, int]]) -> None:
    correlator, now, written = Correlator(), 0.0, 0
    for message, pause in notes:
        now += pause
        written += correlator.observe(_note(message), now) is not None
    assert written <= BURST + now / REFILL_SECONDS
