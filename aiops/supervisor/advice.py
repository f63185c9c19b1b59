"""The runbook that fits an incident, as evidence that anybody can find again."""

from __future__ import annotations

import asyncio
import logging

from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.errors import StorageError
from aiops.core.evidence import Evidence, Query, Source, Window
from aiops.core.incident import EventKind
from aiops.core.model import Value
from aiops.core.redaction import redact_text
from aiops.core.runbook import MITIGATION, Runbook, Runbooks
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState, evidence_of

log = logging.getLogger(__name__)

MOST_SYMPTOMS = 10
MOST_QUOTED = 1500
"""Characters of a mitigation that the report quotes."""


class Advice(Value):
    """A runbook, and the evidence that cites it."""

    runbook: Runbook
    evidence: Evidence


async def cite(services: Services, state: GraphState) -> Advice | None:
    """The runbook that fits the diagnosis, told in the timeline once: people want it when they are asked to approve."""
    diagnosis = state.get("diagnosis")
    if diagnosis is None:
        return None
    async with services.clock.frozen():  # it is looked for in a thread
        cited = await advice(diagnosis, evidence_of(state), services.library, services.clock.now())
    if cited is not None:
        found = cited.evidence
        data = found.model_dump(mode="json")
        services.store.add_event(
            state["incident_id"], EventKind.EVIDENCE, "runbooks", found.summary, data, key=found.id
        )
    return cited


async def advice(diagnosis: Diagnosis, found: tuple[Evidence, ...], runbooks: Runbooks, now: float) -> Advice | None:
    """By the mechanism of the best cause, else by what was seen; None where no fault is known or nothing fits."""
    best = diagnosis.best
    if best is None or not diagnosis.fault:
        return None
    if best.mechanism is not None:
        about = await asyncio.to_thread(runbooks.for_mechanism, best.mechanism)
        if about:
            return _cited(about[0], best, Query(tool="read_runbook", arguments={"name": about[0].name}), now)
    text = _symptoms(diagnosis, found)
    try:
        passages = await asyncio.to_thread(runbooks.search, text, 1)
    except StorageError as error:
        log.warning("no runbook was looked for: %s", error)
        return None
    if not passages:
        return None
    runbook = await asyncio.to_thread(runbooks.get, passages[0].runbook)
    return _cited(runbook, best, Query(tool="search_runbooks", arguments={"text": text, "limit": 1}), now)


def _symptoms(diagnosis: Diagnosis, found: tuple[Evidence, ...]) -> str:
    seen = sorted(found, key=lambda item: (-item.score, item.id))[:MOST_SYMPTOMS]
    return "\n".join([diagnosis.summary, *(item.summary for item in seen)])[:2000]


def _cited(runbook: Runbook, best: RootCause, query: Query, now: float) -> Advice:
    evidence = Evidence(
        id=f"runbook-{runbook.name}",
        source=Source.RUNBOOK,
        subject=best.subject,
        query=query,
        window=Window(start=now, end=now),
        summary=redact_text(f"Runbook: {runbook.title}"),
        observed=mitigation(runbook),
        score=0.0,
    )
    return Advice(runbook=runbook, evidence=evidence)


def mitigation(runbook: Runbook) -> str:
    """The section that says what to do, redacted, without the fences of its code, and cut at the end of a line: it is
    quoted as a block of its own."""
    part = runbook.section(MITIGATION)
    lines = (part.text if part else "").splitlines()
    text = redact_text("\n".join(line for line in lines if not line.lstrip().startswith("```")))
    if len(text) <= MOST_QUOTED:
        return text
    return text[:MOST_QUOTED].rpartition("\n")[0] + "\n…"
