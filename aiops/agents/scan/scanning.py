"""A scan: reads the cluster once and says what is unhealthy and why."""

from __future__ import annotations

from aiops.agents.scan.grouping import group
from aiops.agents.scan.infrastructure import claim_sightings, job_sightings, node_sightings
from aiops.agents.scan.notices import alert_sightings, certificate_sightings, event_sightings
from aiops.agents.scan.objects import object_sightings
from aiops.agents.scan.reading import SCANNED_KINDS, Reader, Seen
from aiops.agents.scan.report import ScanReport
from aiops.agents.scan.sighting import Sighting
from aiops.core.clock import Stopwatch
from aiops.core.entity import Edge, Entity
from aiops.core.errors import UnknownNameError
from aiops.tools.kit.context import Context


async def scan(ctx: Context, namespace: str = "") -> ScanReport:
    """What is unhealthy in `namespace`, or in all that may be looked at.

    Works with the Kubernetes API alone. Raises `UnknownNameError` where there is no such namespace,
    `RetryWithOtherArgumentsError` where it may not be looked at, `ClusterUnreachableError`."""
    watch = Stopwatch()
    namespaces = () if ctx.scope(namespace) == ("",) else ctx.scope(namespace)
    seen = await Reader(ctx).read(namespaces)
    known = [item["metadata"]["name"] for item in seen.state.of("Namespace")]
    if namespace and known and namespace not in known:
        raise UnknownNameError("namespace", namespace, known)
    looked_at = {kind: len(seen.state.of(kind)) for kind in SCANNED_KINDS if kind in seen.kinds}
    firing = sum(_within(alert.subject, namespaces) for alert in seen.alerts)
    return ScanReport(
        at=seen.state.now,
        namespaces=namespaces,
        findings=tuple(group(one for one in sightings(seen) if _inside(one, namespaces))),
        looked_at={**looked_at, "Event": len(seen.events), "Alert": firing},
        missing=tuple(seen.missing),
        seconds=round(watch.seconds(), 3),
    )


def sightings(seen: Seen) -> list[Sighting]:
    """What every check sees."""
    state = seen.state
    return [
        *object_sightings(state),
        *node_sightings(state),
        *claim_sightings(state),
        *job_sightings(state),
        *alert_sightings(state, seen.alerts),
        *certificate_sightings(state, seen.expiries),
        *event_sightings(state, seen.events),
    ]


def _inside(one: Sighting, namespaces: tuple[str, ...]) -> bool:
    """Is it about a namespace that was asked for, or about none?"""
    subject = one.subject.source if isinstance(one.subject, Edge) else one.subject
    return _within(subject, namespaces) or any(w.namespace in namespaces for w in one.workloads)


def _within(subject: Entity, namespaces: tuple[str, ...]) -> bool:
    home = subject.name if subject.kind == "Namespace" else subject.namespace
    return not namespaces or not home or home in namespaces
