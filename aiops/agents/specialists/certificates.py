"""Certificates: which hosts are served with a certificate that is past its end."""

from __future__ import annotations

import json
from collections import defaultdict

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.metric_query import metric_query

EXPIRY = "nginx_ingress_controller_ssl_expire_time_seconds"
"""End of the certificate that the ingress controller serves for `host` from `secret_name`, in unix seconds."""

STRENGTH = 0.95


@specialist(name="certificates", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def certificates(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares the end of every certificate that the ingress serves with the present."""
    now = scope.window.end
    expired: dict[tuple[str, str, str], float] = {}
    for namespace in scope.each_namespace():
        asked = _expression(namespace)
        noted = len(tools.missing)
        result = await tools.read(metric_query, asked, Window(start=now, end=now), 15, 500)
        if result is not None and not result.series:
            del tools.missing[noted:]  # a cluster without TLS has no such metric
        for series in result.series if result else ():
            labels = series.labels
            if series.values and series.values[-1] < now:
                key = (labels.get("namespace", ""), labels.get("host", ""), labels.get("secret_name", ""))
                expired[key] = series.values[-1]
    if not expired:
        return []
    ingresses: dict[str, list[Manifest]] = defaultdict(list)
    for namespace in sorted({namespace for namespace, _, _ in expired}):
        ingresses[namespace] = await read_kind(tools, "Ingress", namespace)
    return [_observation(key, end, ingresses[key[0]], scope) for key, end in sorted(expired.items())]


def _expression(namespace: str) -> str:
    labels = f"{{namespace={json.dumps(namespace)}}}" if namespace else ""
    return f"max by (namespace, host, secret_name) ({EXPIRY}{labels} > 0)"


def _observation(key: tuple[str, str, str], end: float, ingresses: list[Manifest], scope: Scope) -> Observation:
    namespace, host, secret = key
    subject, field = _serving(ingresses, host, secret, namespace)
    labels = f"namespace={json.dumps(namespace)},host={json.dumps(host)}"
    return Observation(
        subject=subject,
        query=query(metric_query, query=f"max by (secret_name) ({EXPIRY}{{{labels}}}) - time()", window=scope.window),
        window=scope.window,
        summary=f"{subject} serves {host} with a certificate that has expired.",
        observed=f"the certificate of Secret {namespace}/{secret} ended at {rfc3339(end)}",
        score=0.9,
        suggests=(
            Hypothesis(subject=subject, mechanism=Mechanism.TLS_CERTIFICATE_EXPIRED, strength=STRENGTH, field=field),
        ),
    )


def _serving(ingresses: list[Manifest], host: str, secret: str, namespace: str) -> tuple[Entity, str | None]:
    """The Ingress that serves a host from a Secret, with the path of the Secret's name; else the Secret."""
    for ingress in ingresses:
        for index, entry in enumerate(ingress.get("spec", {}).get("tls") or []):
            if entry.get("secretName") == secret and host in (entry.get("hosts") or [host]):
                return Entity.of(ingress), f"spec.tls[{index}].secretName"
    return Entity(kind="Secret", namespace=namespace, name=secret), None
