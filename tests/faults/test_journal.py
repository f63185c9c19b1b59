"""The journal survives crashes and says what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Entity
from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.faults.journal import InjectionJournal

WEB = Entity(kind="Service", namespace="shop", name="web")
CART = Entity(kind="Service", namespace="shop", name="cart")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "faults.jsonl"


def test_injections_are_numbered(path: Path) -> None:
    assert InjectionJournal(path).begin("some_fault") == "some_fault-1"
    assert InjectionJournal(path).begin("other_fault") == "other_fault-2"


def test_originals_are_the_first_versions_newest_first(path: Path) -> None:
    journal = InjectionJournal(path)
    other, own = journal.begin("other"), journal.begin("own")
    journal.intend(own, WEB, {"version": 1})
    journal.intend(other, WEB, {"version": 5})
    journal.intend(own, CART, None)
    journal.intend(own, WEB, {"version": 2})
    assert InjectionJournal(path).originals(own) == [(CART, None), (WEB, {"version": 1})]


def test_a_revert_is_remembered(path: Path) -> None:
    journal = InjectionJournal(path)
    one, two = journal.begin("f"), journal.begin("f")
    journal.reverted(one)
    assert InjectionJournal(path).is_reverted(one)
    assert not InjectionJournal(path).is_reverted(two)


def test_all_injections_are_told_with_their_state(path: Path) -> None:
    journal = InjectionJournal(path)
    assert journal.injections() == []
    first = journal.begin("some_fault")
    journal.begin("other_fault")
    journal.reverted(first)
    assert journal.injections() == [("some_fault-1", "some_fault", True), ("other_fault-2", "other_fault", False)]


def test_an_unknown_injection_gets_a_suggestion(path: Path) -> None:
    journal = InjectionJournal(path)
    journal.begin("wrong_target_port")
    with pytest.raises(UnknownNameError, match="did you mean wrong_target_port-1"):
        journal.originals("wrong_target_port-2")
    with pytest.raises(UnknownNameError):
        InjectionJournal(path.with_name("none")).originals("x")


@given(st.integers(0, 400))
def test_a_file_cut_off_anywhere_can_be_read_and_continued(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("journal") / "faults.jsonl"
    journal = InjectionJournal(path)
    first = journal.begin("f")
    journal.intend(first, WEB, {"version": 1})
    journal.intend(first, CART, None)
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    second = InjectionJournal(path).begin("f")
    journal.intend(second, WEB, {"version": 9})
    assert journal.originals(second) == [(WEB, {"version": 9})]
    assert whole.startswith(path.read_bytes()[: min(cut, whole.rfind(b"\n", 0, cut) + 1)])


def test_a_damaged_line_is_named(path: Path) -> None:
    journal = InjectionJournal(path)
    journal.begin("f")
    path.write_bytes(b"{damaged\n" + path.read_bytes())
    with pytest.raises(InvalidInputError, match="line 1"):
        journal.is_reverted("f-1")


@pytest.mark.parametrize("line", ["[1]", "5", '{"event": "begin"}', '{"event": "other"}', "{}", '{"event": []}'])
def test_a_line_of_something_else_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "journal").write_text(line + "\n")
    with pytest.raises(InvalidInputError, match="line 1: not a line of a journal"):
        InjectionJournal(tmp_path / "journal").begin("x")
