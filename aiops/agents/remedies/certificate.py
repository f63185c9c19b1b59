"""Another certificate for a host whose own has expired or is for another name."""

from __future__ import annotations

import re

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Window
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.certificate_expiry import EXPIRIES, certificate_of
from aiops.tools.metric_query import metric_query
from aiops.tools.set_ingress_tls import set_ingress_tls

MOST = 500
MOST_SPARES = 2
"""Other certificates that are tried for a host."""


@remedy(Mechanism.TLS_CERTIFICATE_EXPIRED)
async def certificate(case: RemedyCase) -> list[Proposal]:
    """Serve the certificate that another entry of the Ingress names for the same host. A new one is for people."""
    ingress = case.cause.subject
    if not isinstance(ingress, Entity) or ingress.kind != "Ingress" or not case.cause.field:
        return []
    manifest = case.state.find(ingress.kind, ingress.namespace, ingress.name) or {}
    served = read(manifest, case.cause.field.removesuffix(".secretName"))
    if not isinstance(served, dict):
        return []
    others = [(host, secret) for host in served.get("hosts") or () for secret in _others(manifest, host, served)]
    return [
        case.propose(
            set_ingress_tls,
            ingress,
            f"{ingress} names Secret {secret} for {host} as well.",
            f"Users of {host} get a certificate that is valid, if that one is.",
            ingress=ingress,
            hosts=[host],
            secret=secret,
        )
        for host, secret in others
    ]


@remedy(Mechanism.TLS_CERTIFICATE_NAME)
async def certificate_name(case: RemedyCase) -> list[Proposal]:
    """Serve another certificate of the namespace for the host: one that is known to be in date, and first one that
    speaks of the host by its name. What is in them nobody reads here; whether it fits, users tell at once."""
    secret = case.cause.subject
    if not isinstance(secret, Entity) or secret.kind != "Secret":
        return []
    spares = await _spares(case, secret)
    found = []
    for ingress in case.state.of("Ingress", secret.namespace):
        for entry in ingress.get("spec", {}).get("tls") or []:
            hosts = list(entry.get("hosts") or ())
            if entry.get("secretName") == secret.name and hosts:
                entity = Entity.of(ingress)
                for name in sorted(spares, key=lambda one: (-_likeness(one, hosts), one))[:MOST_SPARES]:
                    reason = f"{secret} is not for {hosts[0]}; Secret {name} holds a certificate as well."
                    effect = f"Users of {hosts[0]} get a certificate that is for it, if that one is."
                    arguments = {"ingress": entity, "hosts": hosts, "secret": name}
                    found.append(case.propose(set_ingress_tls, entity, reason, effect, **arguments))
    return found


async def _spares(case: RemedyCase, secret: Entity) -> list[str]:
    """The other Secrets of the namespace whose certificate an exporter finds in date."""
    now = case.scope.window.end
    result = await case.tools.read(metric_query, f"{EXPIRIES} > {now:.0f}", Window(start=now, end=now), 15, MOST)
    valid = [
        certificate_of(one.labels, one.values[-1]).subject for one in (result.series if result else ()) if one.values
    ]
    inside = (one for one in valid if (one.kind, one.namespace) == ("Secret", secret.namespace))
    return sorted({one.name for one in inside if one != secret})


def _likeness(name: str, hosts: list[str]) -> int:
    """How many words of the hosts are in a name."""
    words = {word for host in hosts for word in re.split(r"[^a-z0-9]+", host.lower())}
    return len(words.intersection(re.split(r"[^a-z0-9]+", name.lower())))


def _others(ingress: Manifest, host: str, served: Manifest) -> list[str]:
    """The other Secrets that entries for a host name."""
    entries = [e for e in ingress["spec"].get("tls") or [] if host in (e.get("hosts") or ())]
    names = [str(e["secretName"]) for e in entries if e.get("secretName")]
    return [name for name in dict.fromkeys(names) if name != served.get("secretName")]
