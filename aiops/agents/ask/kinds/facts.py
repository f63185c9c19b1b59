"""How a workload is set: replicas, images, limits."""

from __future__ import annotations

from typing import Any

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.analysis.state.rollout import rollout_of
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.fields import read
from aiops.tools.get_object import get_object

_NEVER = ("log", "may", "why", "impact", "failing", "waiting", "alert", "event", "slow")


@question(
    name="facts",
    examples=(
        "How many replicas does SERVICE have?",
        "Which version of SERVICE runs?",
        "What are the limits of SERVICE?",
    ),
    shapes=(
        Shape((("replica",),), helps=("count", "pod", "workload"), never=(*_NEVER, "change"), named=True),
        Shape((("count",), ("pod",)), helps=("workload",), never=(*_NEVER, "change"), named=True),
        Shape((("version",),), helps=("workload", "pod"), never=(*_NEVER, "change"), named=True),
        Shape((("limit",),), helps=("workload", "pod", "count"), never=(*_NEVER, "change", "if"), named=True),
    ),
)
async def facts(ask: Asking) -> None:
    """Replicas, images, limits and requests of a workload, as its object says."""
    workload = ask.workload()
    if workload is None:
        return
    found = await ask.read(get_object, workload)
    manifest = found.manifest if found else None
    if manifest is None:
        ask.refuse(f"{workload} could not be read.")
        return
    cited = ask.cite(get_object, str(workload), entity=workload)
    question, everything = ask.question, not ask.question.has("replica", "count", "version", "limit")
    if everything or question.has("replica", "count"):
        ask.say(_replicas(workload, manifest), cited)
    containers: list[Manifest] = read(manifest, "spec.template.spec.containers") or []
    if everything or question.has("version"):
        ask.say(f"{workload} runs {', '.join(str(c.get('image', '?')) for c in containers)}.", cited)
    if everything or question.has("limit"):
        ask.say(f"Limits and requests of the containers of {workload}:", cited)
        ask.table(("container", "limits", "requests"), [_resources(container) for container in containers])


def _replicas(workload: Entity, manifest: Manifest) -> str:
    if workload.kind in WORKLOAD_KINDS:
        rollout = rollout_of(manifest)
        return f"{workload} has {rollout.ready} ready of {rollout.desired} wanted replicas."
    active, wanted = read(manifest, "status.active") or 0, read(manifest, "spec.completions")
    return f"{workload} has {active} active of {1 if wanted is None else wanted} wanted pods."


def _resources(container: Manifest) -> tuple[str, str, str]:
    resources: dict[str, Any] = container.get("resources") or {}
    parts = (resources.get("limits") or {}, resources.get("requests") or {})
    limits, requests = (", ".join(f"{key} {value}" for key, value in sorted(part.items())) or "none" for part in parts)
    return str(container.get("name", "")), limits, requests
