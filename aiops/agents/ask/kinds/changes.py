"""What was changed lately, from the recorder's history and from what Kubernetes itself keeps."""

from __future__ import annotations

from typing import Any

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.tools.last_writes import SAME_WRITE, last_writes
from aiops.tools.recent_changes import recent_changes

DEFAULT = 3600.0
"""Seconds that are looked back where the question names no period."""

UNRECORDED = (
    "No history of changes is recorded yet (aiops serve keeps one); "
    "this is what Kubernetes itself keeps: the last write of each object."
)

MOST = 500
MOST_FIELDS = 3


@question(
    name="changes",
    examples=("What changed in the last 10 minutes?", "What changed in NAMESPACE since yesterday?"),
    shapes=(
        Shape((("change",),), helps=("who", "everything", "namespace"), never=("may", "impact", "log", "if")),
        Shape((("why",), ("change",)), never=("may", "impact", "log", "if", "slow", "failing")),
    ),
)
async def changes(ask: Asking) -> None:
    """Who changed which field of which object."""
    window = ask.window(DEFAULT)
    recorded, cites = await _changes(ask, window)
    found = [one for one in recorded if _meant(ask, one.entity)]
    if ask.ctx.changes is None:
        ask.say(UNRECORDED)
    subjects = f" of {', '.join(map(str, ask.question.subjects))}" if ask.question.subjects else ""
    period = f"between {rfc3339(window.start)} and {rfc3339(window.end)}"
    if not found:
        ask.say(f"No change{subjects} {ask.where()} {period} is known.", *cites)
        return
    ask.say(
        f"{len(found)} change{'s' if len(found) > 1 else ''}{subjects} {ask.where()} {period}, newest first.", *cites
    )
    found.sort(key=lambda change: (-change.at, str(change.entity)))
    rows = [
        (rfc3339(c.at), str(c.entity), c.verb, c.actor, "; ".join(map(_field, c.fields[:MOST_FIELDS]))) for c in found
    ]
    ask.table(("time", "object", "what", "by", "fields"), rows)


async def _changes(ask: Asking, window: Window) -> tuple[list[Change], list[str]]:
    """What was recorded; where the record does not reach back far enough, with what Kubernetes keeps; and citations."""
    known: list[Change] = []
    cites: list[str] = []
    where: dict[str, Any] = {"window": window, "namespace": ask.namespace, "limit": MOST}
    asked = await ask.read(recent_changes, **where) if ask.ctx.changes else None
    if asked is not None:
        known += asked.changes
        cites.append(ask.cite(recent_changes, f"{len(asked.changes)} changes", **where))
    if asked is None or asked.watched_since is None or asked.watched_since > window.start:
        kept = await ask.read(last_writes, **where)
        writes = [write for write in (kept.writes if kept else ()) if not _known(write, known)]
        known += writes
        cites.append(ask.cite(last_writes, f"{len(writes)} last writes", **where))
    return known, cites


def _field(change: FieldChange) -> str:
    return f"{change.path}: {change.old!r} -> {change.new!r}"


def _meant(ask: Asking, entity: Entity) -> bool:
    """Is it about what the question names, or an object of the same name?"""
    subjects = ask.question.subjects
    names = {subject.name for subject in subjects} | {w.name for s in subjects for w in ask.known.workloads(s)}
    return not subjects or entity.name in names


def _known(change: Change, recorded: list[Change]) -> bool:
    return any(one.entity == change.entity and abs(one.at - change.at) <= SAME_WRITE for one in recorded)
