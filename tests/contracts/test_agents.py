"""What every specialist and remedy has to keep to."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import aiops.agents
from aiops.agents.registry import SPECIALISTS, specialist
from aiops.agents.remedies.kit.registry import READS, REMEDIES, remedy
from aiops.agents.toolbox import Toolbox
from aiops.core.errors import DuplicateNameError, NotPossibleError
from aiops.core.evidence import Source
from aiops.core.mechanism import Mechanism
from aiops.tools.get_object import get_object
from aiops.tools.kit.registry import TOOLS
from aiops.tools.scale import scale

AGENTS = Path(aiops.agents.__path__[0])
SOURCES = sorted(AGENTS.rglob("*.py"))
READS_BESIDE_TOOLS = re.compile(r"ctx\.(kube|metrics|traces|changes)\b")
ASKED_FOR = (("ask/kinds/changes.py", "changes"),)
"""Where an agent asks whether a part is configured at all."""


@pytest.mark.parametrize("name", SPECIALISTS.names())
def test_a_specialist_declares_reading_tools_and_a_purpose(name: str) -> None:
    found = SPECIALISTS.get(name)
    assert found.purpose.endswith(".")
    assert len(found.purpose) > 20
    assert found.tools
    assert all(TOOLS.get(tool).effect == "reads" for tool in found.tools)
    assert inspect.iscoroutinefunction(found.investigate)


def test_the_specialists_cover_every_source_of_observation() -> None:
    assert {s.source for s in SPECIALISTS} == set(Source) - {Source.RUNBOOK}


def test_a_name_is_taken_once() -> None:
    with pytest.raises(DuplicateNameError, match="metrics"):
        specialist(name="metrics", source=Source.METRICS, tools=())(SPECIALISTS.get("metrics").investigate)
    with pytest.raises(DuplicateNameError, match=r"network\.policy"):
        remedy(Mechanism.NETWORK_POLICY)(REMEDIES.get("network.policy").propose)


@pytest.mark.parametrize("name", REMEDIES.names())
def test_a_remedy_cures_a_known_mechanism_and_says_how(name: str) -> None:
    found = REMEDIES.get(name)
    assert Mechanism(name) in found.mechanisms
    assert found.propose.__doc__


def test_remedies_read_with_reading_tools_only() -> None:
    assert all(TOOLS.get(tool).effect == "reads" for tool in READS)


async def test_a_toolbox_holds_what_was_declared_and_nothing_that_changes() -> None:
    toolbox = Toolbox(None, ("list_objects", "scale"))  # type: ignore[arg-type]  # no call gets as far as the context
    with pytest.raises(NotPossibleError, match="get_object"):
        await toolbox.read(get_object, None)  # type: ignore[arg-type]
    with pytest.raises(NotPossibleError, match="scale"):
        await toolbox.read(scale, None, 1)  # type: ignore[arg-type, type-var]
    assert toolbox.cost == 0.0


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_agents_read_by_tools(path: Path) -> None:
    """Tools keep to the allowed namespaces, take secrets out and say what is missing; a client does not."""
    inside = path.relative_to(AGENTS)
    if inside.parts[0] != "connect" and inside != Path("scan/reading.py"):
        found = READS_BESIDE_TOOLS.findall(path.read_text())
        assert [name for name in found if (str(inside), name) not in ASKED_FOR] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_agents_name_no_application_and_read_no_clock(path: Path) -> None:
    text = path.read_text().lower()
    for word in ("hotel", "mongodb", "import time", "random"):
        assert word not in text, word
