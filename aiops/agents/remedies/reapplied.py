"""A program that puts a bad value back is stopped before the value is mended."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.changes.contested import contests
from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.restorable import may_restore
from aiops.tools.recent_changes import recent_changes
from aiops.tools.stop_writer import STOPPED, stop_writer

LOOK_BACK = 7200.0


@remedy(Mechanism.RESOURCE_REAPPLIED)
async def reapplied(case: RemedyCase) -> list[Proposal]:
    """Stop the writer, and give what it wrote the values of before the first change of those fields."""
    writer = case.cause.subject
    if not isinstance(writer, Entity) or writer.kind not in STOPPED:
        return []
    named = {item.subject for item in case.cited}
    history = await _history(case)
    found = []
    for contest in contests(history):
        paths = [path for path in contest.paths if may_restore(contest.entity.kind, path)]
        first = next((c for c in history if c.entity == contest.entity and _touches(c, paths)), None)
        if contest.entity not in named or first is None:
            continue
        reason = f"{writer} puts {', '.join(paths[:3])} of {contest.entity} back whenever somebody changes it."
        effect = f"{writer} runs no more, and {contest.entity} keeps the values that it had before."
        arguments = {"writer": writer, "entity": contest.entity, "changed_at": first.at, "paths": paths}
        found.append(case.propose(stop_writer, writer, reason, effect, **arguments))
    return found


async def _history(case: RemedyCase) -> list[Change]:
    """All changes, the oldest first: also those that were taken back since."""
    window = Window(start=case.onset - LOOK_BACK, end=await case.tools.now())
    changes: dict[tuple[float, str, str], Change] = {}
    for namespace in case.scope.each_namespace():
        result = await case.tools.read(recent_changes, window, namespace, 500)
        changes |= {(c.at, str(c.entity), c.actor): c for c in (result.changes if result else ())}
    return sorted(changes.values(), key=lambda change: change.at)


def _touches(change: Change, paths: list[str]) -> bool:
    return any(field.path in paths for field in change.fields)
