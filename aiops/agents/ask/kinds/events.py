"""What Kubernetes reports of an object or a namespace."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.core.clock import rfc3339
from aiops.tools.pods_and_events import pods_and_events

DEFAULT = 3600.0
"""Seconds that are looked back where the question names no period: about as long as Kubernetes keeps events."""

MOST = 200


@question(
    name="events",
    examples=("What are the events of SERVICE?",),
    shapes=(
        Shape(
            (("event",),),
            helps=("pod", "workload", "namespace"),
            never=("may", "impact", "change", "why", "alert", "log"),
        ),
    ),
)
async def events(ask: Asking) -> None:
    """The events of the last hour, warnings first."""
    workload = None
    if ask.question.subjects:
        workload = ask.workload()
        if workload is None:
            return
    seconds = ask.question.seconds or DEFAULT
    asked = {"namespace": ask.namespace, "workload": workload, "since_seconds": seconds, "limit": MOST}
    found = await ask.read(pods_and_events, ask.namespace, workload, seconds, MOST)
    if found is None:
        ask.refuse("The events could not be read.")
        return
    cited = ask.cite(pods_and_events, f"{len(found.events)} events", **asked)
    warnings = [event for event in found.events if event.type != "Normal"]
    about = f"about {workload}" if workload else ask.where()
    since = rfc3339(ask.now - seconds)
    ask.say(f"{len(found.events)} events {about} since {since}, {len(warnings)} of them warnings.", cited)
    ordered = [*warnings, *(event for event in found.events if event.type == "Normal")]
    rows = [(rfc3339(e.last_at), e.type, e.reason, str(e.entity), e.count, e.message) for e in ordered]
    if rows:
        ask.table(("last", "type", "reason", "object", "times", "message"), rows)
