"""Front door: what users get at an Ingress, by status, and whether what stands behind it ever saw their requests."""

from __future__ import annotations

import math
import re

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.fields import desired
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.signal_sources import INGRESS_REQUESTS, braces, in_namespaces
from aiops.tools.metric_query import metric_query

SHARE_SCALE = 0.1
"""Rise of a status' share at which its score is two thirds."""

LEAST = 0.05
"""Rise of a share of the requests that counts."""

TURNED_AWAY = ("401", "403", "404", "405", "413", "414", "421", "426", "429", "431")
"""Answers to users that no alert on 5xx sees."""

ALTERS = 0.6
"""The gateway answers otherwise than before, and the Ingress tells it to treat requests in some way of its own."""

PATHS = 0.5
"""Users are told that nothing is there, and nothing but the paths of the Ingress says where things are."""

GATEWAYS = ("nginx.ingress.kubernetes.io/", "traefik.ingress.kubernetes.io/", "haproxy.org/", "konghq.com/")
REQUESTS = re.compile(
    r"rewrite|auth|redirect|snippet|limit|proxy|server-alias|canary|whitelist|denylist|modsecurity|upstream"
    r"|backend-protocol|use-regex|middlewares|plugins|cors"
)


@specialist(name="front-door", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def front_door(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares the shares of statuses that users get at each Ingress with those of before."""
    now = await _shares(scope.window, scope, tools)
    if not now:
        return []
    before = await _shares(scope.baseline, scope, tools)
    ingresses = {
        Entity.of(item): item for ns in scope.each_namespace() for item in await read_kind(tools, "Ingress", ns)
    }
    found: list[Observation] = []
    for entity, shares in now.items():
        known = before.get(entity, {})
        for status, share in shares.items():
            rise = share - known.get(status, 0.0)
            if rise >= LEAST and status[:1] in "45":
                found.append(_observation(entity, status, share, known.get(status, 0.0), ingresses.get(entity), scope))
    return found


async def _shares(window: Window, scope: Scope, tools: Toolbox) -> dict[Entity, dict[str, float]]:
    """Share of the requests of each Ingress by status."""
    at = Window(start=window.end, end=window.end)
    with tools.unnoted():  # other gateways tell otherwise; what is missing the golden signals say
        result = await tools.read(metric_query, _asked(window, scope), at, 15, 500)
    rates: dict[Entity, dict[str, float]] = {}
    for one in result.series if result else ():
        entity = Entity(kind="Ingress", namespace=one.labels.get("namespace", ""), name=one.labels.get("ingress", ""))
        value = one.values[-1] if one.values else 0.0
        if value > 0:
            rates.setdefault(entity, {})[one.labels.get("status", "")] = value
    return {entity: {s: v / sum(by.values()) for s, v in by.items()} for entity, by in rates.items()}


def _asked(window: Window, scope: Scope) -> str:
    over = f"{braces(in_namespaces(scope.each_namespace()))}[{max(window.end - window.start, 60):.0f}s]"
    return f"sum by (namespace, ingress, status) (rate({INGRESS_REQUESTS}{over}))"


def _observation(
    ingress: Entity, status: str, share: float, before: float, manifest: Manifest | None, scope: Scope
) -> Observation:
    felt = status in TURNED_AWAY
    score = 0.95 * (1 - math.exp(-(share - before) / SHARE_SCALE))
    return Observation(
        subject=ingress,
        query=query(metric_query, query=_asked(scope.window, scope), window=scope.window),
        window=scope.window,
        summary=f"Users of {ingress} get more answers of status {status} than before.",
        observed=f"{share:.1%} of the requests",
        baseline=f"{before:.1%}",
        score=score if felt else 0.0,
        suggests=_suggests(ingress, status, manifest or {}),
    )


def _suggests(ingress: Entity, status: str, manifest: Manifest) -> tuple[Hypothesis, ...]:
    """An Ingress that alters requests, or one that sends them elsewhere."""
    found = [
        Hypothesis(
            subject=ingress,
            mechanism=Mechanism.NETWORK_PROXY,
            strength=ALTERS if status in TURNED_AWAY else ALTERS / 2,
            field=f"metadata.annotations[{name}]",
        )
        for name in altering(manifest)
    ]
    if status == "404":
        found.append(
            Hypothesis(subject=ingress, mechanism=Mechanism.CONFIG_INGRESS, strength=PATHS, field="spec.rules")
        )
    return tuple(found)


def altering(ingress: Manifest) -> list[str]:
    """The annotations by which an Ingress has its gateway treat requests otherwise than to pass them on."""
    annotations = desired(ingress).get("metadata", {}).get("annotations") or {} if ingress else {}
    return sorted(n for n in annotations if n.startswith(GATEWAYS) and REQUESTS.search(n))
