"""Another certificate for a host whose own has expired."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.tools.set_ingress_tls import set_ingress_tls


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


def _others(ingress: Manifest, host: str, served: Manifest) -> list[str]:
    """The other Secrets that entries for a host name."""
    entries = [e for e in ingress["spec"].get("tls") or [] if host in (e.get("hosts") or ())]
    names = [str(e["secretName"]) for e in entries if e.get("secretName")]
    return [name for name in dict.fromkeys(names) if name != served.get("secretName")]
