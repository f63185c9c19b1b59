"""How often a question of somebody on call finds its runbook."""

from __future__ import annotations

from pathlib import Path

from aiops.knowledge.library import Library
from tests.knowledge.questions import QUESTIONS

IN_THREE = 0.85
FIRST = 0.7


def test_questions_in_other_words_find_their_runbook(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    found = [([passage.runbook for passage in library.search(question)], wanted) for question, wanted in QUESTIONS]
    in_three = sum(wanted in names for names, wanted in found) / len(found)
    first = sum(wanted in names[:1] for names, wanted in found) / len(found)
    missed = [(wanted, names) for names, wanted in found if wanted not in names]
    told = f"in the first three: {in_three:.3f}, first: {first:.3f}, of {len(found)}; missed: {missed}"
    assert in_three >= IN_THREE, told
    assert first >= FIRST, told


def test_no_question_repeats_a_title(tmp_path: Path) -> None:
    titles = {runbook.name: set(runbook.title.lower().split()) for runbook in Library.open(tmp_path).runbooks()}
    for question, wanted in QUESTIONS:
        shared = titles[wanted] & set(question.lower().split())
        assert len(shared) < len(titles[wanted]) / 2, question
