"""The report cites the runbook that fits, and what a runbook says stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Evidence, Query, Source, Window
from aiops.core.incident import Signal, State
from aiops.core.mechanism import Mechanism
from aiops.core.runbook import Runbook, Section
from aiops.knowledge.library import Library
from aiops.supervisor.advice import MOST_QUOTED, advice, mitigation
from aiops.supervisor.report_text import markdown
from aiops.supervisor.store import Store
from aiops.tools.kit.registry import TOOLS

CART = Entity(kind="Deployment", namespace="shop", name="cart")
HOSTILE = "---\ntitle: <script>x</script>\nmechanisms: [network.policy]\n---\n## Mitigation\n{}\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path)


def _diagnosis(mechanism: Mechanism | None, *, fault: bool = True) -> Diagnosis:
    best = RootCause(subject=CART, mechanism=mechanism, confidence=0.5, summary="something")
    return Diagnosis(fault=fault, root_causes=(best,), summary="cart is in trouble")


def _seen(summary: str) -> Evidence:
    query = Query(tool="golden_signals")
    window = Window(start=0, end=1)
    return Evidence(
        id="m-1", source=Source.METRICS, subject=CART, query=query, window=window, summary=summary, observed="", score=1
    )


async def test_the_mechanism_decides(library: Library) -> None:
    found = await advice(_diagnosis(Mechanism.RESOURCE_CPU_LIMIT), (_seen("x509 expired"),), library, 5.0)
    assert found is not None
    assert (found.runbook.name, found.evidence.source) == ("cpu-limit", Source.RUNBOOK)
    assert found.evidence.query == Query(tool="read_runbook", arguments={"name": "cpu-limit"})
    assert TOOLS.get("read_runbook").arguments.model_validate(found.evidence.query.arguments)
    assert "set resources" in found.evidence.observed


async def test_without_a_mechanism_symptoms_decide(library: Library) -> None:
    found = await advice(_diagnosis(None), (_seen("TLS handshake fails: x509 certificate has expired"),), library, 5.0)
    assert found is not None
    assert found.runbook.name == "certificate-expired"
    assert found.evidence.query.tool == "search_runbooks"
    arguments = TOOLS.get("search_runbooks").arguments.model_validate(found.evidence.query.arguments)
    assert library.search(arguments.text, 1)[0].runbook == "certificate-expired"  # type: ignore[attr-defined]


async def test_no_fault_needs_no_runbook(library: Library) -> None:
    assert await advice(_diagnosis(Mechanism.RESOURCE_CPU_LIMIT, fault=False), (), library, 5.0) is None
    assert await advice(Diagnosis(fault=True, summary="unknown"), (), library, 5.0) is None


async def test_an_index_that_cannot_be_used_costs_the_citation_alone(tmp_path: Path) -> None:
    (tmp_path / "runbooks").write_text("a file")
    assert await advice(_diagnosis(None), (_seen("certificate"),), Library.open(tmp_path), 5.0) is None


async def test_a_hostile_runbook_stays_text(tmp_path: Path, store: Store, signal: Callable[..., Signal]) -> None:
    own = tmp_path / "own"
    own.mkdir()
    attack = "# Head\n<img src=x>\n[a](javascript:b)\npassword=hunter22hunter"
    (own / "attack.md").write_text(HOSTILE.format(attack))
    diagnosis = _diagnosis(Mechanism.NETWORK_POLICY)
    cited = await advice(diagnosis, (), Library.open(tmp_path, own), 5.0)
    incident = store.open_incident(signal(), ("shop",))
    text = markdown(incident, State.ESCALATED, "why", diagnosis, store, cited)
    assert "[runbook-attack] Runbook: \\<script\\>x\\</script\\> (attack)" in text
    assert "    <img src=x>" in text.splitlines()
    assert not any(line.startswith(("<", "#", "[a")) for line in text.splitlines())
    assert "hunter22" not in text


def test_a_long_mitigation_is_cut_at_a_line() -> None:
    lines = "\n".join(f"step {number}" for number in range(1000))
    part = Section(heading="mitigation", text=lines)
    runbook = Runbook(name="a", title="A", mechanisms=(), applies_to=(), symptoms=(), links=(), sections=(part,))
    kept = mitigation(runbook).splitlines()
    assert kept[-1] == "…"
    assert kept[-2] in lines.splitlines()
    assert len(mitigation(runbook)) <= MOST_QUOTED + 2


def test_the_fences_of_code_are_not_quoted() -> None:
    part = Section(heading="mitigation", text="Go back:\n```sh\nkubectl rollout undo\n```\nThen wait.")
    runbook = Runbook(name="a", title="A", mechanisms=(), applies_to=(), symptoms=(), links=(), sections=(part,))
    assert mitigation(runbook) == "Go back:\nkubectl rollout undo\nThen wait."
