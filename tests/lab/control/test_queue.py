"""The work queue of a controller."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.control.queue import WorkQueue

_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "later", "failed", "take"]), st.sampled_from("abc"), st.integers(0, 30)),
    max_size=20,
)


def test_an_empty_queue_has_nothing_to_take_ever() -> None:
    assert WorkQueue[tuple[str, str]]().due == inf


@given(_STEPS)
def test_there_is_something_to_take_from_the_moment_on_that_the_queue_says(
    steps: list[tuple[str, str, int]],
) -> None:
    queue, now = WorkQueue[tuple[str, str]](), 0.0
    for what, name, seconds in steps:
        key = ("n", name)
        if what == "add":
            queue.add(key)
        elif what == "later":
            queue.add_at(key, now + seconds)
        elif what == "failed":
            queue.add_rate_limited(key, now)
        else:
            now += seconds
            due = queue.due <= now
            assert bool(queue.take(now)) == due
            assert queue.due > now
