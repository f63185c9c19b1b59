"""Pods that the API server does not let be made: quotas, limit ranges, Pod Security, webhooks."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events_about
from aiops.analysis.state.owners import controller
from aiops.analysis.state.refusal import suspects
from aiops.analysis.state.registry import Finding, check
from aiops.analysis.state.rollout import rollout_of
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import moment

FAILED = "FailedCreate"
DIRECT = ("StatefulSet", "DaemonSet")
"""Kinds that make their pods themselves and note no condition when that fails."""


@check("refused-pods")
def refused_pods(state: ClusterState) -> Iterator[Finding]:
    """Workloads and Jobs whose pods are refused when they are made, with what refuses them and why."""
    for item, message, since in (*_replica_sets(state), *_others(state)):
        maker = Entity.of(item)
        owner = controller(item)
        subject = Entity(kind=owner[0], namespace=maker.namespace, name=owner[1]) if owner else maker
        yield Finding(
            subject=subject,
            seen_in=maker,
            summary=f"Pods of {subject} are refused when they are made.",
            observed=message,
            score=1.0,
            since=since,
            suggests=tuple(suspects(state, subject, item, message)),
        )


def _replica_sets(state: ClusterState) -> Iterator[tuple[Manifest, str, float | None]]:
    for item in state.of("ReplicaSet"):
        for condition in item.get("status", {}).get("conditions") or ():
            if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
                yield item, str(condition.get("message", "")), moment(condition.get("lastTransitionTime"))


def _others(state: ClusterState) -> Iterator[tuple[Manifest, str, float | None]]:
    """What makes pods without noting why it could not: the newest event tells, while pods are lacking."""
    lacking = [w for kind in DIRECT for w in state.of(kind) if (r := rollout_of(w)).existing < r.desired]
    waiting = [j for j in state.of("Job") if not j["spec"].get("suspend") and not _has_pods(j)]
    for item in (*lacking, *waiting):
        for event in events_about(state, Entity.of(item), FAILED)[:1]:
            yield item, event.message, event.first_at or None


def _has_pods(job: Manifest) -> bool:
    status = job.get("status", {})
    ended = any(c["status"] == "True" for c in status.get("conditions") or () if c["type"] in ("Complete", "Failed"))
    return ended or any(status.get(count) for count in ("active", "succeeded", "failed"))
