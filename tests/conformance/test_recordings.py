"""The recordings are whole, and the lab answers every step as the real control plane did, or as known.yaml explains."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.build import version
from tests.conformance.compare import compare, known_differences
from tests.conformance.recording import CALLS, another_kubectl, load_recording, path_of
from tests.conformance.report import PAGE, replaced
from tests.conformance.script import Script, arguments, find_scripts

SCRIPTS = find_scripts([])
NAMES = [script.name for script in SCRIPTS]
EVERY_NAME = pytest.mark.parametrize("script", SCRIPTS, ids=NAMES)
LEAST_CALLS, LEAST_COMMANDS, LEAST_SUBCOMMANDS = 300, 120, 30
MOST_COMMANDS = 20
"""Of kubectl, in a script that every run of the tests plays: each is a process of its own."""
SHARE = 0.97
"""Of the steps so many must be answered as by Kubernetes."""


def _played(script: Script) -> Any:
    many = sum(step.kind == "kubectl" for step in script.flat()) > MOST_COMMANDS
    return pytest.param(script, id=script.name, marks=pytest.mark.soak if many else ())


@EVERY_NAME
def test_a_recording_answers_its_script(script: Script) -> None:
    recording = load_recording(script.name)
    assert recording.kubernetes == version()
    asked = [(step.id, step.asked()) for step in script.flat()]
    assert [(step["id"], step["asked"]) for step in recording.steps] == asked, "record it again"
    for step in recording.steps:
        assert step["answer"].keys() & {"status", "code", "met", "state"}, step["id"]
        assert step["answer"].get("met", True), f"{step['id']} waited in vain"


def test_every_recording_has_a_script() -> None:
    assert sorted(path_of("x/y").parent.parent.glob("*/*.json")) == sorted(map(path_of, NAMES))


def test_the_recordings_ask_enough() -> None:
    recordings = [load_recording(name) for name in NAMES]
    assert sum(recording.count(*CALLS) for recording in recordings) >= LEAST_CALLS
    assert sum(recording.count("kubectl") for recording in recordings) >= LEAST_COMMANDS


def test_they_ask_by_different_commands() -> None:
    steps = [step for script in SCRIPTS for step in script.flat() if step.kind == "kubectl"]
    asked = {tuple(arguments(step.text)) for step in steps}
    assert len(asked) >= LEAST_COMMANDS
    assert len({words[0] for words in asked}) >= LEAST_SUBCOMMANDS


def test_few_differences_are_known() -> None:
    known = known_differences()
    every = {f"{script.name}#{step.id}" for script in SCRIPTS for step in script.flat()}
    assert not known.keys() - every, "no such step"
    assert all(len(reason) > 20 for reason in known.values()), "a reason says why"
    assert len(known) <= (1 - SHARE) * len(every)


def test_the_page_says_what_the_recordings_say() -> None:
    page = PAGE.read_text()
    assert page == replaced(page), "python -m tests.conformance.report"


@pytest.mark.parametrize("script", [_played(script) for script in SCRIPTS])
async def test_the_lab_answers_as_recorded(script: Script) -> None:
    elsewhere = another_kubectl(load_recording(script.name))
    if elsewhere:
        pytest.skip(elsewhere)
    known = {step for step in known_differences() if step.startswith(f"{script.name}#")}
    found = {difference.step: "\n".join(difference.lines[:60]) for difference in (await compare(script)).differences}
    new = {step: lines for step, lines in found.items() if step not in known}
    assert not new, "\n\n".join(f"{step}\n{lines}" for step, lines in new.items())
    assert known <= found.keys(), "these do not differ any more: take them out of known.yaml"
