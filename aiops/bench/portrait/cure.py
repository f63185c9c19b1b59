"""What the reference fix of a kind writes."""

from __future__ import annotations

import re

from aiops.bench.portrait.scene import Scene
from aiops.core.entity import ends
from aiops.core.fields import desired, differences
from aiops.faults.journal import InjectionJournal
from aiops.faults.registry import FAULTS

_INDEX = re.compile(r"\[[^\]]*\]")
_DEPTH = 6
"""Steps of a path that are compared: below that stand names."""
KEYED = ("data", "binaryData", "stringData")


def fix(scene: Scene) -> set[str]:
    """The fields that differ from how they were before the onset, and which objects are there no more or only now."""
    course = scene.course
    if course.injection is None:
        return set()
    if course.scenario.kind == "fault" and FAULTS.get(course.scenario.case).cure == "escalate":
        kinds = {entity.kind for part in course.injection.truth.parts for entity in ends(part.subject)}
        return {f"a person is told of a {kind}" for kind in kinds}
    found = set()
    for entity, before in InjectionJournal(scene.stage.journal).originals(course.injection.id):
        now = scene.stage.world.cluster.find(entity.kind, entity.namespace, entity.name)
        if before is None or now is None:
            found |= {f"{entity.kind} {'made' if before is None else 'gone'}"} if before or now else set()
        else:
            found |= {f"{entity.kind} {_field(each.path)}" for each in differences(desired(before), desired(now))}
    return found


def _field(path: str) -> str:
    steps = _INDEX.sub("", path).split(".")
    return steps[0] if steps[0] in KEYED else ".".join(steps[:_DEPTH])
