"""A runbook is read whole or refused with the place of its fault."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.core.mechanism import Mechanism
from aiops.knowledge.parsing import parse

GOOD = """---
title: Disk is full
mechanisms: resource.memory_limit
symptoms: [no space left]
---
Before the first heading.
## Meaning
Text.
```sh
## no heading
```
## Mitigation ##
Do.
"""


def test_a_runbook_is_read_with_its_sections() -> None:
    runbook = parse("disk", GOOD, "disk.md", own=True)
    assert (runbook.name, runbook.title, runbook.own) == ("disk", "Disk is full", True)
    assert runbook.mechanisms == (Mechanism.RESOURCE_MEMORY_LIMIT,)
    assert [part.heading for part in runbook.sections] == ["Meaning", "Mitigation"]
    assert runbook.sections[0].text == "Text.\n```sh\n## no heading\n```"
    found = runbook.section("mitigation")
    assert found is not None
    assert found.text == "Do."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"a\.md:1: a runbook begins"),
        ("# Title\n", r"a\.md:1: a runbook begins"),
        ("---\ntitle: x\n", r"a\.md:2: the front matter has no end"),
        ("---\n- x\n---\n## A\n", r"a\.md:2: .*no mapping"),
        ("---\ntitle: x\nlinks: [a: b: c\n---\n## A\n", r"a\.md:3: not YAML"),
        ("---\ntitle: x\nmechanisms: [config.nonsense]\n---\n## A\n", r"a\.md:3: mechanisms: "),
        ("---\ntitle: x\nlinks: ['javascript:alert(1)']\n---\n## A\n", r"a\.md:3: links: .*http"),
        ("---\ntitle: x\nseverity: high\n---\n## A\n", r"a\.md:3: severity: "),
        ("---\nlinks: []\n---\n## A\n", r"a\.md:2: title: "),
        ("---\ntitle: x\n---\nonly text\n", r"a\.md:4: no section"),
        ("---\ntitle: !!python/object/apply:os.system [id]\n---\n## A\n", r"a\.md:2: not YAML"),
    ],
)
def test_a_fault_is_told_with_file_and_line(text: str, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        parse("a", text, "a.md")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"---\n{text}\n---\n## A\nb", f"---\ntitle: x\n---\n{text}"):
        with suppress(InvalidInputError):
            assert parse("a", whole, "a.md").sections
