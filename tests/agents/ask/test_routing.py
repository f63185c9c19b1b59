"""Are questions understood as people mean them? The share is measured, and `pytest -rP` shows it.

A third of `questions.yaml` and all of `held_out.yaml` are held out: nothing was tuned on them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiops.agents.ask.known import Known
from aiops.agents.ask.registry import QUESTIONS
from aiops.agents.ask.routing import route
from aiops.agents.ask.understanding import understand
from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity, Manifest

NOW = 1_800_000_000.0
LEAST = 0.9
"""Share of the questions that were tuned on that must be routed right."""

LEAST_HELD_OUT = 0.8

NAMES = {
    "Deployment": ("checkout", "cart", "orders-api", "billing-worker"),
    "StatefulSet": ("orders-db",),
    "Service": ("checkout", "cart", "orders-api", "orders-db"),
    "ServiceAccount": ("cart", "default"),
}


def shop() -> Known:
    """A shop of a few workloads, in one of three namespaces."""
    entities: dict[str, tuple[Entity, ...]] = {}
    for kind, names in NAMES.items():
        for name in names:
            entities[name] = (*entities.get(name, ()), Entity(kind=kind, namespace="shop", name=name))
    entities["node-1"] = (Entity(kind="Node", name="node-1"),)
    workloads = [e for group in entities.values() for e in group if e.kind in ("Deployment", "StatefulSet")]
    services = [e for group in entities.values() for e in group if e.kind == "Service"]
    return Known(
        namespaces=("kube-system", "monitoring", "shop"),
        entities=entities,
        state=ClusterState([*map(_service, services), *map(_workload, workloads)], NOW),
    )


def _service(entity: Entity) -> Manifest:
    meta = {"name": entity.name, "namespace": entity.namespace}
    return {"kind": "Service", "metadata": meta, "spec": {"selector": {"app": entity.name}}}


def _workload(entity: Entity) -> Manifest:
    meta = {"name": entity.name, "namespace": entity.namespace}
    template = {"metadata": {"labels": {"app": entity.name}}}
    return {"kind": entity.kind, "metadata": meta, "spec": {"template": template}}


def _questions(file: str = "questions.yaml") -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name(file).read_text())
    return content


def _kind(text: str) -> str:
    found = route(understand(text, shop(), NOW))
    return found.kind.name if found else "none"


def _right(questions: list[dict[str, Any]]) -> tuple[float, list[str]]:
    wrong = [f"{q['ask']!r}: {_kind(q['ask'])} for {q['kind']}" for q in questions if _kind(q["ask"]) != q["kind"]]
    share = 1 - len(wrong) / len(questions)
    sys.stdout.write(f"routed right: {len(questions) - len(wrong)} of {len(questions)} ({share:.1%})\n")
    return share, wrong


def test_the_questions_are_enough_and_of_all_kinds() -> None:
    kinds = [question["kind"] for question in _questions()]
    assert len(kinds) >= 60
    assert kinds.count("none") >= 15
    assert set(kinds) - {"none"} == set(QUESTIONS.names())


def test_the_share_of_questions_routed_right() -> None:
    questions = _questions()
    share, wrong = _right([q for i, q in enumerate(questions) if i % 3 != 2])
    assert share >= LEAST, wrong


def test_the_share_of_held_out_questions_routed_right() -> None:
    share, wrong = _right([*_questions()[2::3], *_questions("held_out.yaml")])
    assert share >= LEAST_HELD_OUT, f"{share:.2f}, {len(wrong)} wrong"


@pytest.mark.parametrize("kind", list(QUESTIONS), ids=QUESTIONS.names())
def test_the_examples_that_are_shown_can_be_asked(kind: Any) -> None:
    for example in kind.examples:
        asked = example.replace("NAMESPACE", "shop").replace("SERVICE", "cart")
        assert _kind(asked) == kind.name, asked
