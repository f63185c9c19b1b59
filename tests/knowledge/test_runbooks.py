"""The runbooks that come with the product keep their form, and their commands are well made."""

from __future__ import annotations

import re
from pathlib import Path

import promql_parser
import pytest

from aiops.core.mechanism import Mechanism
from aiops.core.runbook import MITIGATION, Runbook
from aiops.knowledge.library import BUILT_IN, Library
from aiops.knowledge.parsing import parse
from aiops.supervisor.advice import mitigation

FILES = sorted(BUILT_IN.glob("*.md"))
HEADINGS = ["Meaning", "Impact", "Diagnosis", "Mitigation", "Verify", "Prevent"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EMPHASIS = re.compile(r"(?<![\w*])\*(?!\*)[^*`]+\*(?![\w*])")
"""A case among several is named by emphasis, in Diagnosis and in Mitigation."""
READING = ("get", "describe", "logs", "top", "auth", "port-forward")
PROGRAMS = ("kubectl", "openssl")


def _read(path: Path) -> Runbook:
    return parse(path.stem, path.read_text(), path.name)


def _blocks(runbook: Runbook, heading: str, language: str) -> list[str]:
    part = runbook.section(heading)
    return [body for found, body in BLOCK.findall(part.text if part else "") if found == language]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_has_every_section_and_says_what_it_is_about(path: Path) -> None:
    runbook = _read(path)
    assert [part.heading for part in runbook.sections] == HEADINGS
    assert all(part.text for part in runbook.sections)
    assert all((runbook.mechanisms, runbook.applies_to, runbook.symptoms, runbook.links))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_queries_parse_and_commands_name_known_programs(path: Path) -> None:
    runbook = _read(path)
    queries = _blocks(runbook, "Diagnosis", "promql")
    assert queries
    for query in queries:
        promql_parser.parse(query)
    for heading in HEADINGS:
        for block in _blocks(runbook, heading, "sh"):
            assert all(line.startswith(PROGRAMS) for line in block.splitlines()), block


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_diagnosis_only_reads(path: Path) -> None:
    for block in _blocks(_read(path), "Diagnosis", "sh"):
        for line in block.splitlines():
            words = [word for word in line.split() if word != "kubectl"]
            verb = words[2] if words[0] == "-n" else words[0]
            lists = words[3:4] in (["env"], ["history"]) or words[2:4] == ["rollout", "history"]
            assert verb in (*READING, "s_client", "openssl") or lists, line
            assert "set env" not in line or "--list" in line


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_report_quotes_the_mitigation_whole(path: Path) -> None:
    runbook = _read(path)
    part = runbook.section(MITIGATION)
    assert part is not None
    assert mitigation(runbook) == "\n".join(line for line in part.text.splitlines() if not line.startswith("```"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_several_mechanisms_are_told_apart(path: Path) -> None:
    runbook = _read(path)
    if len(runbook.mechanisms) > 1:
        for heading in ("Diagnosis", MITIGATION):
            part = runbook.section(heading)
            assert part is not None
            assert len(EMPHASIS.findall(part.text)) >= len(runbook.mechanisms), heading


def test_every_mechanism_has_one(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    assert library.problems == ()
    assert [m for m in Mechanism if not library.for_mechanism(m)] == []
