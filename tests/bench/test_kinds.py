"""Kinds of faults, each played once: nothing that an agent can reach names one, and no two are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from aiops.bench.agents.registry import PATIENCE, Room
from aiops.bench.course import Course
from aiops.bench.looking import looked_at
from aiops.bench.portrait.drawing import LOOK, portrait
from aiops.bench.portrait.likeness import Portrait, likenesses
from aiops.bench.stage import Access, Stage
from aiops.bench.workbench import Workbench
from aiops.core.mechanism import Mechanism
from aiops.faults.registry import FAULTS
from aiops.lab.kube.kinds.resources import RESOURCES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

APPLICATION, SEED = "social", 1
SAMPLE = (
    "bad_image_tag",
    "expired_certificate",
    "memory_leak",
    "network_latency",
    "rbac_denied",
    "wrong_target_port",
)
"""Kinds that are played in every run of the tests, on the smallest application."""
LINES = 5000
COMMANDS = (["ps", "aux"], ["env"], ["ls", "-la", "/"], ["ls", "-la", "/tmp"], ["cat", "/etc/hosts"])
CALLS = ("list_workloads", "firing_alerts")
"""Tools that are asked as an agent from elsewhere asks them."""

WORDS = (
    "fault",
    "faults",
    "faulty",
    "chaos",
    "inject",
    "injected",
    "injection",
    "sabotage",
    "disturbance",
)
ORDINARY = {"bench serve: set_node_selector"}
"""Words of tools, whatever is wrong."""

NAMES = tuple(name for name in FAULTS.names() if "_" in name)
"""Names of one word ("deadlock", "preempted") are what programs and Kubernetes say themselves."""

TOLD = re.compile(
    "|".join(
        [rf"(?<![a-z])(?:{'|'.join(WORDS)})(?![a-z])"]
        + [rf"(?<![a-z]){re.escape(name).replace('_', '[_-]')}(?![a-z])" for name in NAMES]
        + [rf"(?<![a-z._]){re.escape(each.value)}(?![a-z._])" for each in Mechanism]
    ),
    re.IGNORECASE,
)

_JOINS = str.maketrans("", "", "-_")
NEEDLES = [each.translate(_JOINS) for each in (*WORDS, *NAMES, *(mechanism.value for mechanism in Mechanism))]

SERVED = {fault.family: fault.name for fault in FAULTS}.values()
"""Kinds that are asked for as an agent from elsewhere asks, which takes longer: one of each family."""


async def reached(stage: Stage, course: Course, access: Access) -> dict[str, str]:
    """Everything that an agent can read at this moment, by where it is."""
    world, since, now = stage.world, course.onset - 60.0, stage.clock.now()
    kinds = sorted({resource.kind for resource in RESOURCES if "list" in resource.verbs})
    room = Room(access, stage.clock, stage.namespace, stage.namespaces, stage.directory, now + PATIENCE)
    lines = await access.logs.lines('{namespace=~".+"}', since, now, limit=LINES)
    spans = [await access.traces.traces(name, since, now, limit=20) for name in await access.traces.services()]
    containers = [process.container.id for process in world.runtime.running()]
    return {
        "objects": orjson.dumps({kind: world.cluster.objects(kind) for kind in kinds}).decode(),
        "metrics": repr(world.series.labels((), since, now)),
        "rules": repr(await access.metrics.rules()) + repr(await access.metrics.alerts()),
        "logs": repr(lines),
        "traces": repr(spans),
        "commands": repr([world.runtime.execute(each, command) for each in containers[::9] for command in COMMANDS]),
        "bench serve": await _served(room) if course.scenario.case in SERVED else "",
    }


async def _served(room: Room) -> str:
    bench = Workbench(room)
    await bench.start()
    try:
        task = {key: value for key, value in bench.task().items() if key != "mechanisms"}  # what an answer may be
        answers = [
            await bench.call(name, {"namespace": room.namespace} if "alert" not in name else {}) for name in CALLS
        ]
        return repr((task, [(one.name, one.description) for one in bench.tools()], answers))
    finally:
        await bench.stop()


def told(texts: dict[str, str]) -> Iterator[str]:
    """Each word in which something of a fault is named, and where."""
    for place, text in texts.items():
        words = sorted(set(re.findall(r"[a-z0-9_.\-]+", text.lower())))
        joined = "\n".join(words).translate(_JOINS)
        here = {number for needle in NEEDLES for number in _lines(joined, needle)}
        yield from (f"{place}: {words[number]}" for number in sorted(here) if TOLD.search(words[number]))


def _lines(text: str, needle: str) -> Iterator[int]:
    """The numbers of the lines in which it stands: a hundred times faster than a pattern of all needles."""
    at = text.find(needle)
    while at >= 0:
        yield text.count("\n", 0, at)
        at = text.find(needle, at + 1)


def unexpected(seen: dict[str, Any]) -> dict[str, set[str]]:
    """Where kinds are named, by kind."""
    named = {name: set(found["told"]) - ORDINARY for name, found in seen.items()}
    return {name: words for name, words in named.items() if words}


async def look(stage: Stage, course: Course, access: Access) -> Any:
    seen = await portrait(stage, course, access)
    return {"portrait": seen.model_dump(mode="json"), "told": [*told(await reached(stage, course, access))]}


def test_nothing_that_an_agent_can_reach_names_one_of_a_few() -> None:
    seen = dict(looked_at("hotel", SEED, LOOK, look, SAMPLE))
    assert set(seen) == set(SAMPLE)
    assert unexpected(seen) == {}


@pytest.mark.soak
def test_no_kind_is_named_anywhere_and_no_two_share_both_symptoms_and_fix() -> None:
    """Both of one play of each kind, since that takes minutes."""
    seen = {name: found for name, found in looked_at(APPLICATION, SEED, LOOK, look) if found is not None}
    assert len(seen) >= 90
    assert unexpected(seen) == {}
    pairs = likenesses([Portrait.model_validate(found["portrait"]) for found in seen.values()])
    print("\n".join(f"{p.one} {p.other}: symptoms {p.symptoms:.2f}, fix {p.fix:.2f}" for p in pairs[:15]))  # noqa: T201
    assert pairs[0].least < 1.0


def test_what_is_looked_for_would_be_found() -> None:
    assert [*told({"x": '"managedBy":"chaos-mesh"'})]
    assert [*told({"x": "the wrong_target_port"})]
    assert [*told({"x": "wrong-target-port-1"})]
    assert [*told({"x": "config.target_port"})]
    assert not [*told({"x": "the default namespace, pgfaults and pgmajfault"})]
