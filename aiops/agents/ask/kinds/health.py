"""Is anything wrong? A scan, or the part of it that concerns one workload."""

from __future__ import annotations

from aiops.agents.ask.asking import Asking
from aiops.agents.ask.registry import Shape, question
from aiops.agents.scan.report import ScanFinding, Severity
from aiops.agents.scan.scanning import scan

TOLD = 5
"""Findings that are told in sentences."""

_NEVER = ("why", "log", "may", "impact", "alert", "node", "event", "change", "call", "depend", "who", "pod")


@question(
    name="health",
    examples=("Is anything wrong in NAMESPACE?", "Is SERVICE healthy?"),
    shapes=(
        Shape(
            (("healthy",),),
            helps=("everything", "namespace", "workload"),
            never=(*_NEVER, "slow", "version", "replica", "limit"),
        ),
        Shape((("wrong", "failing"),), helps=("everything", "namespace"), never=(*_NEVER, "slow")),
    ),
)
async def health(ask: Asking) -> None:
    """What a scan finds now, critical things first."""
    meant = [workload for subject in ask.question.subjects for workload in ask.known.workloads(subject)]
    namespace = ask.namespace or (meant[0].namespace if meant else "")
    report = await scan(ask.ctx, namespace)
    findings = [f for f in report.findings if not meant or any(w in f.workloads for w in meant)]
    told = [finding for finding in findings if finding.severity != Severity.INFO]
    who = ", ".join(map(str, dict.fromkeys(meant))) if meant else ask.where() if not namespace else f"in {namespace}"
    if not told and report.blind:
        ask.refuse("Whether anything is wrong cannot be told: pods could not be seen.")
    elif not told:
        looked = f"{report.looked_at.get('Pod', 0)} pods, {report.looked_at.get('Service', 0)} services"
        cited = [_cite(ask, finding) for finding in findings[:1]]
        ask.say(
            f"Nothing is wrong {'with ' if meant else ''}{who}, as far as could be seen ({looked} looked at).", *cited
        )
    for finding in told[:TOLD]:
        detail = f" ({finding.detail})" if finding.detail else ""
        ask.say(f"{finding.severity.value}: {finding.title}{detail}", _cite(ask, finding))
    if len(told) > TOLD:
        ask.say(f"{len(told) - TOLD} more: aiops scan shows them.")
    for sentence in report.missing:
        ask.say(f"Not seen: {sentence}")


def _cite(ask: Asking, finding: ScanFinding) -> str:
    return ask.cite_query(finding.query, finding.title)
