"""Secrets: which of them were changed or made lately. Their content is never read; that they changed is enough."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.changes.suspicion import LOOK_BACK
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.signal_sources import braces, in_namespaces
from aiops.tools.metric_query import metric_query

VERSION = "kube_secret_metadata_resource_version"
TYPE = "kube_secret_type"
TLS = "kubernetes.io/tls"
"""Of kube-state-metrics, which tells of a Secret's version and type and of nothing in it."""

STEP = 15.0
MOST = 500
STRENGTH = 0.45
SCORE = 0.5


@specialist(name="secrets", source=Source.CHANGES, tools=("metric_query",))
async def secrets(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Finds the Secrets whose version changed before the trouble, as kube-state-metrics tells it."""
    window = Window(start=scope.onset - LOOK_BACK, end=scope.reported)
    match = braces(in_namespaces(scope.each_namespace()))
    asked = named_by_object(f"{VERSION}{match}", "")
    with tools.unnoted():  # most clusters have no Secret's figures; recorded changes may tell as much
        versions = await tools.read(metric_query, asked, window, STEP, MOST)
    if versions is None or not versions.series:
        return []
    earliest = min(one.times[0] for one in versions.series if one.times)
    found: list[Observation] = []
    types: dict[Entity, str] | None = None
    for one in versions.series:
        changed = _changed_at(list(one.times), list(one.values), earliest)
        if changed is None:
            continue
        types = await _types(named_by_object(f"{TYPE}{match}", ", type"), window, tools) if types is None else types
        secret = _entity(one.labels)
        found.append(_observation(secret, types.get(secret, ""), changed, window, asked, scope))
    return found


def named_by_object(promql: str, more: str) -> str:
    """The name under another label: what a label `secret` holds is never shown."""
    moved = f'label_replace({promql}, "object", "$1", "secret", "(.+)")'
    return f"max by (exported_namespace, namespace, object{more}) ({moved})"


def _changed_at(times: list[float], values: list[float], earliest: float) -> float | None:
    """When a version was last seen to change, or when the Secret was first seen, if others were seen before."""
    changes = [times[i] for i in range(1, len(times)) if values[i] != values[i - 1]]
    if changes:
        return changes[-1]
    return times[0] if times and times[0] > earliest + 2 * STEP else None


async def _types(asked: str, window: Window, tools: Toolbox) -> dict[Entity, str]:
    result = await tools.read(metric_query, asked, Window(start=window.end, end=window.end), STEP, MOST)
    return {_entity(one.labels): one.labels.get("type", "") for one in (result.series if result else ())}


def _entity(labels: dict[str, str]) -> Entity:
    namespace = labels.get("exported_namespace") or labels.get("namespace", "")
    return Entity(kind="Secret", namespace=namespace, name=labels.get("object", ""))


def _observation(secret: Entity, kind: str, changed: float, window: Window, asked: str, scope: Scope) -> Observation:
    mechanism, field = Mechanism.AUTH_CREDENTIAL, "data"
    if kind == TLS:
        mechanism, field = Mechanism.TLS_CERTIFICATE_NAME, "data[tls.crt]"
    return Observation(
        subject=secret,
        query=query(metric_query, query=asked, window=window),
        window=window,
        summary=f"{secret} was written, {scope.reported - changed:.0f} s before the first signal.",
        observed="its version changed",
        score=SCORE,
        onset=changed,
        suggests=(Hypothesis(subject=secret, mechanism=mechanism, strength=STRENGTH, field=field),),
    )
