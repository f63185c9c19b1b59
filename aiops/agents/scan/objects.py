"""The checks of cluster state, as sightings with a severity."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.agents.scan.report import Severity
from aiops.agents.scan.sighting import CONVINCING, Sighting, quoted, show
from aiops.agents.scan.workloads import concerned, serves_nobody
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import Finding, run_all

SURE = 0.9
"""Score from which a setting that cannot work is critical though the pods themselves run."""

FAILING = 0.5
"""Score from which something is at least a warning."""

OF_PODS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
"""Kinds whose trouble is as bad as it leaves nobody to serve."""


def object_sightings(state: ClusterState) -> Iterator[Sighting]:
    """What every state check finds."""
    for check, finding in run_all(state):
        workloads = concerned(state, finding.subject) or concerned(state, finding.seen_in)
        best = max(finding.suggests, key=lambda hypothesis: hypothesis.strength, default=None)
        strength = best.strength if best else 0.0
        yield Sighting(
            check=check,
            subject=finding.subject,
            severity=_severity(finding, serves_nobody(state, workloads)),
            title=finding.summary,
            detail=quoted(finding.observed),
            query=show(finding.seen_in),
            since=finding.since,
            mechanism=best.mechanism if best and strength >= CONVINCING else None,
            strength=strength,
            workloads=workloads,
        )


def _severity(finding: Finding, nobody: bool) -> Severity:
    if finding.score < FAILING:
        return Severity.INFO
    if finding.seen_in.kind in OF_PODS:
        return Severity.CRITICAL if nobody else Severity.WARNING
    return Severity.CRITICAL if nobody or finding.score >= SURE else Severity.WARNING
