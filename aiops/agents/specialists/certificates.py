"""Certificates: which hosts are served with a certificate that is past its end."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.certificate_expiry import Certificate, certificate_of, expired, vanished
from aiops.tools.metric_query import metric_query

MOST = 500
"""Expired certificates that are looked at."""

SERVED, STORED = 0.95, 0.5
"""How far an expired certificate tells the cause: users of its host meet it, or it is only known to exist."""


NOT_SERVED = 0.75
"""How far a certificate that vanished from its host tells that it is not for it."""


@specialist(name="certificates", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def certificates(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares the end of every certificate that an exporter tells of with the present."""
    past, gone = await _expired(scope, tools), await _vanished(scope, tools)
    if not past and not gone:
        return []
    ingresses = [item for ns in scope.each_namespace() for item in await read_kind(tools, "Ingress", ns)]
    return [*_past(past, ingresses, scope), *_not_served(gone, ingresses, scope)]


def _past(past: list[Certificate], ingresses: list[Manifest], scope: Scope) -> list[Observation]:
    found: dict[tuple[Entity, str | None], Observation] = {}
    for one in past:
        subject, field = _serving(ingresses, one)
        if scope.namespaces and subject.namespace not in scope.namespaces:
            continue
        if one.host and field is None and subject.kind == "Secret":
            continue  # no Ingress names it any more: the figure is of before
        seen = _observation(one, subject, field, scope)
        if (subject, field) not in found or seen.score > found[subject, field].score:
            found[subject, field] = seen
    return list(found.values())


async def _vanished(scope: Scope, tools: Toolbox) -> list[Certificate]:
    """Those that were served for a host before the trouble and are no more."""
    now = scope.window.end
    asked = vanished(now - scope.baseline.end)
    result = await tools.read_any(metric_query, asked, Window(start=now, end=now), 15, MOST)
    return [
        Certificate(
            subject=Entity(kind="Secret", namespace=one.labels.get("namespace", ""), name=one.labels["secret_name"]),
            end=one.values[-1],
            host=one.labels.get("host", ""),
        )
        for one in (result.series if result else ())
        if one.values and one.labels.get("secret_name")
    ]


def _not_served(gone: list[Certificate], ingresses: list[Manifest], scope: Scope) -> list[Observation]:
    """A Secret that an Ingress still names for a host, while its gateway serves another certificate there."""
    found = []
    for one in gone:
        subject, field = _serving(ingresses, one)
        if field is None or (scope.namespaces and subject.namespace not in scope.namespaces):
            continue
        blamed = Hypothesis(
            subject=one.subject, mechanism=Mechanism.TLS_CERTIFICATE_NAME, strength=NOT_SERVED, field="data[tls.crt]"
        )
        found.append(
            Observation(
                subject=subject,
                query=query(metric_query, query=vanished(scope.window.end - scope.baseline.end), window=scope.window),
                window=scope.window,
                summary=f"The gateway no longer serves the certificate of {one.subject} for {one.host}.",
                observed=f"{subject} still names it; a certificate that is not for {one.host} is replaced by a default",
                score=0.9,
                suggests=(blamed,),
            )
        )
    return found


async def _expired(scope: Scope, tools: Toolbox) -> list[Certificate]:
    """By subject and host; of several ends of one certificate, such as of replicas of an exporter, the latest."""
    now = scope.window.end
    result = await tools.read_any(metric_query, expired(now), Window(start=now, end=now), 15, MOST)
    latest: dict[tuple[str, str], Certificate] = {}
    for series in result.series if result else ():
        if not series.values:
            continue
        one = certificate_of(series.labels, series.values[-1])
        known = latest.get((str(one.subject), one.host))
        if known is None or one.end > known.end:
            latest[str(one.subject), one.host] = one
    return [latest[key] for key in sorted(latest)]


def _observation(one: Certificate, subject: Entity, field: str | None, scope: Scope) -> Observation:
    served = one.host or field
    what = f"serves {one.host or 'its hosts'} with" if served else "holds"
    blamed = Hypothesis(
        subject=subject,
        mechanism=Mechanism.TLS_CERTIFICATE_EXPIRED,
        strength=SERVED if served else STORED,
        field=field,
    )
    return Observation(
        subject=subject,
        query=query(metric_query, query=expired(scope.window.end), window=scope.window),
        window=scope.window,
        summary=f"{subject} {what} a certificate that has expired.",
        observed=f"the certificate of {one.subject} ended at {rfc3339(one.end)}",
        score=0.9 if served else 0.6,
        suggests=(blamed,),
    )


def _serving(ingresses: list[Manifest], one: Certificate) -> tuple[Entity, str | None]:
    """The Ingress that serves the certificate, with the path of its Secret's name; else what the exporter names.

    An exporter that names no Secret is believed to see what the Ingress serves for the host.
    """
    secret = one.subject.name if one.subject.kind == "Secret" else ""
    for ingress in ingresses:
        subject = Entity.of(ingress)
        if secret and subject.namespace != one.subject.namespace:
            continue
        for index, entry in enumerate(ingress.get("spec", {}).get("tls") or []):
            hosts = entry.get("hosts") or []
            named = secret and entry.get("secretName") == secret and (not one.host or one.host in (hosts or [one.host]))
            if named or (not secret and one.host in hosts):
                return subject, f"spec.tls[{index}].secretName"
    return one.subject, None
