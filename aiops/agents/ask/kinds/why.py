"""Why is something slow or failing? A bounded investigation at this moment; no incident is opened."""

from __future__ import annotations

import asyncio

from aiops.agents import root_cause
from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.agents.registry import SPECIALISTS, Findings
from aiops.agents.scoping.find_scope import derive_scope
from aiops.agents.scoping.scope import Scope
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import Entity, ends
from aiops.core.errors import NotPossibleError
from aiops.core.evidence import Evidence, Source, Window
from aiops.core.incident import Signal
from aiops.tools.golden_signals import EntitySignals, golden_signals
from aiops.tools.kit.signal_sources import SignalName

LONGEST = 60.0
"""Wall seconds that an investigation may take."""

RECENT = 300.0
BEFORE = 1500.0
"""Seconds of the signals that are told, and of the baseline before them."""

ODD = 0.8
"""Score from which a state of the cluster is told although no cause was found."""

SLOWER = 1.2
"""Factor by which the 99th percentile must have grown before something is called slower."""

FIGURES: dict[SignalName, tuple[str, str]] = {
    "rate": ("", "{:.3g} requests/s"),
    "error_ratio": ("", "{:.1%} errors"),
    "p99": ("p99 ", "{:.3g} s"),
}
"""Signals that are told, and how."""

_TROUBLE = ("slow", "failing", "waiting", "wrong", "lost")


@question(
    name="why",
    examples=("Why is SERVICE slow?", "Why is SERVICE failing?"),
    shapes=(
        Shape((("why",), _TROUBLE), never=("log", "may")),
        Shape((("slow",),), helps=("workload",), never=("log", "may", "impact", "if")),
        Shape(
            (("wrong", "failing"),),
            helps=("workload",),
            never=(
                "log",
                "may",
                "impact",
                "if",
                "pod",
                "everything",
                "healthy",
                "call",
                "alert",
                "node",
                "event",
                "change",
                "who",
            ),
            named=True,
        ),
    ),
)
async def why(ask: Asking) -> None:
    """The root cause that all specialists' evidence speaks for, or that there is none."""
    subject: Entity | None = None
    if ask.question.subjects:
        subject = ask.workload()
        if subject is None:
            return
        await _signals(ask, subject)
    try:
        async with asyncio.timeout(LONGEST):
            scope, findings = await investigate(ask, subject)
    except TimeoutError:
        ask.refuse(f"The investigation took longer than {LONGEST:.0f} s; open one: POST /api/investigations.")
        return
    except NotPossibleError as error:
        ask.refuse(str(error))
        return
    diagnosis = root_cause.diagnose(scope, findings)
    _tell(ask, diagnosis, findings, scope, subject)


async def investigate(ask: Asking, subject: Entity | None) -> tuple[Scope, list[Findings]]:
    """All specialists, at one moment."""
    namespace = subject.namespace if subject else ask.namespace
    signal = Signal(
        id="question",
        kind="question",
        title=ask.question.text,
        labels={"namespace": namespace} if namespace else {},
        subject=subject,
        fingerprint="question",
        starts_at=ask.now,
        received_at=ask.now,
    )
    async with ask.ctx.clock.frozen():
        look = ask.ctx.reading_once()
        scope = await derive_scope([signal], look)
        findings = await asyncio.gather(*(specialist.run(scope, look) for specialist in SPECIALISTS))
    return scope, list(findings)


async def _signals(ask: Asking, workload: Entity) -> None:
    """What the subject's traffic looks like now and before."""
    now = Window(start=ask.now - RECENT, end=ask.now)
    before = Window(start=now.start - BEFORE, end=now.start)
    found = await ask.read(golden_signals, now, before, workload.namespace)
    names = {workload, *ask.known.services(workload)}
    for item in found.entities if found else ():
        parts = [text for name in FIGURES if (text := _figure(item, name))] if item.entity in names else []
        if parts:
            said = f"{item.entity} in the last 5 minutes: {'; '.join(parts)}."
            cited = ask.cite(golden_signals, said, window=now, baseline=before, namespace=workload.namespace)
            ask.say(said, cited)
            if ask.question.has("slow") and _as_quick(item):
                ask.say(f"{item.entity} is not slower than before.", cited)


def _as_quick(item: EntitySignals) -> bool:
    """Did its latency stay where it was? Unknown is no yes."""
    signal = item.signal("p99")
    if signal is None or signal.value is None or signal.baseline is None:
        return False
    return signal.value <= SLOWER * signal.baseline


def _figure(item: EntitySignals, name: SignalName) -> str:
    signal = item.signal(name)
    if signal is None or signal.value is None:
        return ""
    head, shape = FIGURES[name]
    before = f" (before: {shape.format(signal.baseline)})" if signal.baseline is not None else ""
    return f"{head}{shape.format(signal.value)}{before}"


def _tell(ask: Asking, diagnosis: Diagnosis, findings: list[Findings], scope: Scope, subject: Entity | None) -> None:
    unsure = not diagnosis.fault or diagnosis.abstained or diagnosis.best is None
    odd = _odd(findings, subject) if unsure else []
    if not diagnosis.fault:
        around = f" around {subject}" if subject else ""
        rest = "but this is not as it should be:" if odd else "and nothing fails."
        ask.say(f"No fault that users feel was found{around}: they are served as before, {rest}")
    elif diagnosis.abstained or diagnosis.best is None:
        ask.say("The evidence does not tell the cause.")
    for one in odd:
        said = f"{one.summary} ({one.observed})" if one.observed else one.summary
        ask.say(said, ask.cite_query(one.query, one.summary, one.id))
    for rank, cause in enumerate(diagnosis.root_causes[: 3 if diagnosis.abstained else 1] if diagnosis.fault else ()):
        _cause(ask, cause, findings, rank, guess=diagnosis.abstained)
    if diagnosis.fault and diagnosis.best and subject:
        ask.say(_relation(diagnosis.best, scope, subject))
    for note in diagnosis.missing[:3]:
        ask.say(f"Not seen: {note}")


def _odd(findings: list[Findings], subject: Entity | None) -> list[Evidence]:
    """What the cluster's objects say is wrong, with or without a mechanism; at the subject alone where one is named."""
    seen = [one for found in findings for one in found.evidence]
    wrong = [one for one in seen if one.source == Source.KUBERNETES and one.score >= ODD]
    near = [one for one in wrong if subject is None or subject in ends(one.subject)]
    return sorted(near, key=lambda one: -one.score)[: root_cause.MOST_CITED]


def _cause(ask: Asking, cause: RootCause, findings: list[Findings], rank: int, *, guess: bool) -> None:
    evidence = {item.id: item for finding in findings for item in finding.evidence}
    cited = [
        ask.cite_query(evidence[one].query, evidence[one].summary, one)
        for one in cause.evidence[: root_cause.MOST_CITED]
        if one in evidence
    ]
    head = ("A guess: " if rank == 0 else "Or: ") if guess else ""
    wanted = f" The rest of the cluster implies {cause.wanted!r}." if cause.wanted is not None else ""
    said = cause.summary.rpartition(" [")[0] or cause.summary
    ask.say(f"{head}{said}{wanted} Confidence {cause.confidence:.0%}.", *cited)


def _relation(cause: RootCause, scope: Scope, subject: Entity) -> str:
    """How the cause reaches what was asked about."""
    if any(subject in scope.call_map.components(end) for end in ends(cause.subject)):
        return f"That is at {subject} itself."
    if subject in cause.path:
        way = cause.path[: cause.path.index(subject) + 1]
        return f"It reaches {subject} by {' -> '.join(map(str, way))}."
    return f"That this is why {subject} is affected could not be shown: it may be another trouble at the same time."
