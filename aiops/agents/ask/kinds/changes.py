"""What was changed lately, from the recorder's history and from what Kubernetes itself keeps."""

from __future__ import annotations

import asyncio

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import RemoteError
from aiops.tools.list_objects import list_objects
from aiops.tools.recent_changes import recent_changes
from aiops.watch.attribution import CONTROLLERS, created_at, last_write

DEFAULT = 3600.0
"""Seconds that are looked back where the question names no period."""

KEPT_KINDS = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ConfigMap",
    "Service",
    "Ingress",
    "NetworkPolicy",
    "Role",
    "RoleBinding",
)
"""Kinds whose objects say when they were written last."""

UNRECORDED = (
    "No history of changes is recorded yet (aiops serve keeps one); "
    "this is what Kubernetes itself keeps: the last write of each object."
)

MOST_FIELDS = 3
SAME = 2.0
"""Seconds between the times that the recorder and the object give for one write."""


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
    asked = await ask.read(recent_changes, window, ask.namespace, limit=500) if ask.ctx.changes else None
    recorded = list(asked.changes) if asked else []
    cites = (
        [ask.cite(recent_changes, f"{len(recorded)} changes", window=window, namespace=ask.namespace)] if asked else []
    )
    since = asked.watched_since if asked else None
    if since is None or since > window.start:
        kept = [one for one in await _kept(ask) if window.start <= one.at <= window.end and not _known(one, recorded)]
        recorded += kept
        cites += [
            ask.cite(list_objects, f"{kind}: times of the last writes", kind=kind, namespace=ask.namespace)
            for kind in KEPT_KINDS[:1]
        ]
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


def _field(change: FieldChange) -> str:
    return f"{change.path}: {change.old!r} -> {change.new!r}"


def _meant(ask: Asking, entity: Entity) -> bool:
    """Is it about what the question names, or an object of the same name?"""
    subjects = ask.question.subjects
    names = {subject.name for subject in subjects} | {w.name for s in subjects for w in ask.known.workloads(s)}
    return not subjects or entity.name in names


def _known(change: Change, recorded: list[Change]) -> bool:
    return any(one.entity == change.entity and abs(one.at - change.at) <= SAME for one in recorded)


async def _kept(ask: Asking) -> list[Change]:
    """The last write of each object, as its managed fields tell. Controllers only follow, so they do not count."""
    scopes = ask.ctx.scope(ask.namespace)
    lists = await asyncio.gather(*(_listed(ask, kind, scope) for kind in KEPT_KINDS for scope in scopes))
    return [change for items in lists for item in items if (change := _last(item))]


async def _listed(ask: Asking, kind: str, scope: str) -> list[Manifest]:
    try:
        return await ask.ctx.kube.list(kind, scope)
    except RemoteError as error:
        ask.say(f"Not seen: {kind}: {error}")
        return []


def _last(item: Manifest) -> Change | None:
    created, entity = created_at(item), Entity.of(item)
    fields = item["metadata"].get("managedFields") or []
    mine = [field for field in fields if field.get("manager") != CONTROLLERS]
    write = last_write({"metadata": {"managedFields": mine}})
    if write is None:
        return Change(at=created, entity=entity, verb="created") if created else None
    new = created is not None and abs(write.at - created) <= SAME
    return Change(at=write.at, entity=entity, verb="created" if new else "updated", actor=write.actor)
