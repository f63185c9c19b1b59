"""Behaviour: what goes on inside processes, stores, queues, machines and accelerators."""

from __future__ import annotations

import re
from collections import defaultdict

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.behaviour.picture import CallSeen, Newcomer, Picture
from aiops.analysis.behaviour.registry import Sighting, run_all
from aiops.analysis.state.cluster import ClusterState, containers
from aiops.analysis.state.storage.users import mounts
from aiops.core.changes import Change
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest, ends
from aiops.core.evidence import Source, Window
from aiops.core.moments import created_at
from aiops.core.telemetry import Series
from aiops.tools.dependencies import Dependency, dependencies
from aiops.tools.inner_readings import InnerReadings, inner_readings
from aiops.tools.recent_changes import recent_changes

MOST_READINGS = 5000

STEP = 15.0
"""Seconds between two points: memory may climb to its limit within two minutes."""

EARLIER = 900.0
"""Seconds before the guessed onset in which a workload that came may have to do with the trouble."""

CONTROLLER = re.compile(r"controller-manager|autoscaler|scheduler", re.IGNORECASE)
"""Who writes to workloads because of the trouble."""

MORE_WORK = ("spec.replicas", "spec.suspend", "spec.schedule", ".args", ".command", ".env")
"""In the path of a field whose change lets a workload do more, or something else."""


HOST = re.compile(r"[a-z][-a-z0-9]*[a-z0-9](?:\.[-a-z0-9]+)*")
"""What may be the name of a Service in a setting."""


@specialist(
    name="behaviour",
    source=Source.METRICS,
    tools=("inner_readings", "dependencies", "list_objects", "recent_changes"),
)
async def behaviour(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Looks for leaks, full pools and heaps, waiting stores and queues, greedy neighbours and ailing accelerators."""
    readings = await tools.read(inner_readings, scope.window, scope.baseline, "", STEP, MOST_READINGS)
    if readings is None or not readings.readings:
        return []
    picture = await _picture(scope, readings, tools)
    return [_observation(sighting, scope) for sighting in run_all(picture)]


async def _picture(scope: Scope, readings: InnerReadings, tools: Toolbox) -> Picture:
    calls: list[CallSeen] = []
    changes: list[Change] = []
    since = Window(start=scope.onset - EARLIER, end=scope.window.end)
    for namespace in scope.each_namespace():
        found = await tools.read(dependencies, scope.window, scope.baseline, namespace)
        calls += [_call(edge, scope) for edge in (found.edges if found else ())]
        told = await tools.read(recent_changes, since, namespace, 500)
        changes += told.changes if told else ()
    objects = [item for kind in (*WORKLOAD_KINDS, "Job", "Pod") for item in await read_kind(tools, kind)]
    state = ClusterState(objects, scope.window.end)
    tracks: dict[tuple[Entity, str], Series] = {}
    devices: dict[tuple[Entity, str, str], Series] = {}
    for one in readings.readings:
        if one.part:
            devices[one.entity, one.part, one.signal] = one.series.array()
        else:
            tracks[one.entity, one.signal] = one.series.array()
    graph = scope.call_map.graph()
    workloads = scope.call_map.workloads
    return Picture(
        window=scope.window,
        baseline=scope.baseline,
        onset=scope.onset,
        tracks=tracks,
        devices=devices,
        calls=tuple(calls),
        newcomers=_newcomers(scope, state, changes),
        nodes=_nodes(state),
        users={workload: tuple(graph.callers(workload)) for workload in workloads},
        entries=scope.call_map.entries,
        claims=_claims(state),
    )


def _call(edge: Dependency, scope: Scope) -> CallSeen:
    before, now = edge.baseline, edge.now
    gateway = edge.source.kind == "Ingress"
    return CallSeen(
        source=edge.source if gateway else scope.call_map.components(edge.source)[0],
        target=scope.call_map.components(edge.target)[0],
        rate=(before.rate if before else None, now.rate if now else None),
        seconds=(before.seconds if before else None, now.seconds if now else None),
        failing=(before.error_ratio if before else 0.0, now.error_ratio if now else 0.0),
        errors=now.error_types if now else {},
    )


def _newcomers(scope: Scope, state: ClusterState, changes: list[Change]) -> tuple[Newcomer, ...]:
    """Workloads that were made lately, and those of which somebody changed what they do or how many they are."""
    graph = scope.call_map.graph()
    found: dict[Entity, Newcomer] = {}
    for change in sorted(changes, key=lambda one: one.at):
        does_more = any(part in field.path for field in change.fields for part in MORE_WORK)
        by_hand = CONTROLLER.search(change.actor) is None
        if change.verb == "updated" and change.entity.kind in (*WORKLOAD_KINDS, "CronJob") and does_more and by_hand:
            called = tuple(graph.callees(change.entity))
            found[change.entity] = Newcomer(change.entity, change.at, True, called)
    for kind in (*WORKLOAD_KINDS, "Job"):
        for item in state.of(kind):
            made = created_at(item)
            if made is not None and scope.onset - EARLIER <= made <= scope.window.end and not _is_owned(item):
                entity = Entity.of(item)
                uses = dict.fromkeys([*graph.callees(entity), *_configured(item, scope)])
                found[entity] = Newcomer(entity, made, False, tuple(uses), _kin(item, state))
    return tuple(found[entity] for entity in sorted(found, key=str))


def _configured(item: Manifest, scope: Scope) -> list[Entity]:
    """The workloads behind the Services that a workload has in its environment or its arguments."""
    namespace = item["metadata"].get("namespace", "")
    found: list[Entity] = []
    for container in containers(item):
        texts = [variable.get("value") or "" for variable in container.get("env") or []]
        texts += [*(container.get("args") or []), *(container.get("command") or [])]
        for host in (word for text in texts for word in HOST.findall(text)):
            name, _, rest = host.partition(".")
            home = rest.split(".")[0] if rest else namespace
            found += scope.call_map.belongs.get(f"Service/{home}/{name}", ())
    return found


def _kin(item: Manifest, state: ClusterState) -> tuple[Entity, ...]:
    """The workloads of its namespace that run the same program, by the image without its tag."""
    mine = _programs(item)
    others = state.workloads(item["metadata"].get("namespace", ""))
    return tuple(Entity.of(other) for other in others if other is not item and mine & _programs(other))


def _programs(item: Manifest) -> set[str]:
    return {re.sub(r"[:@][^/]*$", "", str(container.get("image", ""))) for container in containers(item)} - {""}


def _is_owned(item: Manifest) -> bool:
    """Was it made by a controller on its schedule?"""
    return bool(item["metadata"].get("ownerReferences"))


def _nodes(state: ClusterState) -> dict[Entity, tuple[str, ...]]:
    """The nodes on which each workload runs."""
    found: dict[Entity, dict[str, None]] = defaultdict(dict)
    for pod in state.of("Pod"):
        node: str = pod.get("spec", {}).get("nodeName") or ""
        workload = state.workload(pod)
        if node and workload is not None:
            found[workload][node] = None
    return {workload: tuple(sorted(nodes)) for workload, nodes in found.items()}


def _claims(state: ClusterState) -> dict[Entity, tuple[Entity, ...]]:
    """The claims that the pods of each workload mount."""
    found: dict[Entity, dict[Entity, None]] = defaultdict(dict)
    for pod in state.of("Pod"):
        workload = state.workload(pod)
        if workload is not None:
            for name in sorted(mounts(pod.get("spec", {}))):
                claim = Entity(kind="PersistentVolumeClaim", namespace=workload.namespace, name=name)
                found[workload][claim] = None
    return {workload: tuple(claims) for workload, claims in found.items()}


def _observation(sighting: Sighting, scope: Scope) -> Observation:
    (entity, *_) = ends(sighting.subject)
    return Observation(
        subject=sighting.subject,
        query=query(
            inner_readings, window=scope.window, baseline=scope.baseline, entity=entity, signal=sighting.signal
        ),
        window=scope.window,
        summary=sighting.summary,
        observed=sighting.observed,
        baseline=sighting.baseline,
        score=sighting.score,
        suggests=sighting.blames,
    )
