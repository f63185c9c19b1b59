"""Words that vary become holes, words that say which statement it is stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.generalise import MOST_OPEN, generalise
from tests.support.work import TWICE, counted


def templates(*lines: str) -> set[str]:
    return set(generalise(lines).values())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["node n1 is up", "node n2 is up"], {"node <*> is up"}),
        (["node n1 is up", "node n1 is down"], {"node n1 is up", "node n1 is down"}),
        (["from <*> now", "from host-<*>.example.org now", "from ns.example.org now"], {"from <*> now"}),
        ([f"hello {name} again" for name in ("ann", "bob", "eve")], 3),
        ([f"hello {name} again" for name in ("ann", "bob", "eve", "joe")], {"hello <*> again"}),
        ([f"hello {name} again" for name in ("a.b", "b.c", "c.d")], {"hello <*> again"}),
        (["hello <*> again", "hello ann again"], {"hello <*> again"}),
        ([f"failed user={name}" for name in ("ann", "bob", "eve")], {"failed user=<*>"}),
        ([f'{{"user":"{name}"}}' for name in ("ann", "bob", "eve")], {'{"user":"<*>"}'}),
        ([f"{name}d started" for name in ("cups", "syslog", "klog", "port", "stat")], 5),
        ([f"n{number} started" for number in range(3)], {"<*> started"}),
        ([f"state is {name} now" for name in ("LOOKING", "LEADING", "FOLLOWING", "OBSERVING")], 4),
        ([f"level={name} msg=x" for name in ("info", "warn", "error", "debug")], 4),
        ([f"at={name} msg={name}" for name in ("paid", "sent", "lost", "kept")], 4),
        ([f'{{"msg":"{name}"}}' for name in ("paid", "sent", "lost", "kept")], 4),
        ([f"pc{number}=<*>" for number in range(4)], 4),
        ([f"flag{dots}<*>" for dots in ("...", "....")], {"flag...<*>", "flag....<*>"}),
    ],
)
def test_which_words_vary(lines: list[str], expected: set[str] | int) -> None:
    found = templates(*lines)
    assert (len(found) if isinstance(expected, int) else found) == expected


def test_two_words_that_many_follow_announce_a_value() -> None:
    opened = [f"session opened for user {name}" for name in ("ann", "bob", "eve", "joe")]
    closed = [f"session closed for user {name}" for name in ("ann", "bob")]
    assert templates(*opened, *closed) == {"session opened for user <*>", "session closed for user <*>"}
    assert len(templates(*closed)) == 2


def test_a_place_with_very_many_words_is_a_hole_also_where_another_one_has_as_many() -> None:
    names = [f"{a}{b}" for a in "abcdefgh" for b in "ijklmnop"]
    lines = [f"moved {name} to {other} now" for name, other in zip(names, names[::-1], strict=True)]
    assert templates(*lines) == {"moved <*> to <*> now"}


WORDS = st.sampled_from(
    ["get", "put", "error", "done", "user=ann", "user=bob", "id=<*>", "<*>", "n1", "n2", "a.b", "to"]
)
MASKED = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), max_size=40)


@given(MASKED, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(lines: list[str], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert generalise(shuffled) == generalise(lines)


@given(MASKED)
def test_a_template_differs_from_its_line_in_holes_only(lines: list[str]) -> None:
    for line, template in generalise(lines).items():
        words = zip(line.split(" "), template.split(" "), strict=True)
        assert all(new == old or "<*>" in new for old, new in words)


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert set(generalise([text])) == {text}


def _words(count: int) -> list[str]:
    return [f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(count)]


@pytest.mark.parametrize(("words", "found"), [(MOST_OPEN - 1, 1), (MOST_OPEN, 4)])
def test_words_of_dumps_are_not_compared_with_each_other(words: int, found: int) -> None:
    lines = [" ".join(["x", *_words(words), name]) for name in ("ann", "bob", "eve", "joe")]
    assert len(templates(*lines)) == found


def test_dumps_with_very_many_words_take_as_long_as_there_are_lines() -> None:
    words, calls = _words(300), []
    for count in (100, 200):
        lines = [" ".join(["x", *words[: 290 - i % 3], words[-i % 7], f"{i}"]) for i in range(count)]
        with counted() as work:
            generalise(lines)
        calls.append(work.calls)
    assert calls[1] < calls[0] * TWICE
