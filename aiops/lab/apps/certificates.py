"""The gateway's certificates: X.509, the same bytes from the same seed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from aiops.core.entity import Manifest
from aiops.lab.apps.model import Application, TlsSecret

DAY = 86_400.0
_ISSUER = "Example Public CA R3"


def tls_secrets(application: Application, now: float, seed: int) -> list[Manifest]:
    """The application's Secrets of type `kubernetes.io/tls`, in each namespace that users come to; validity counts from
    `now` (unix seconds)."""
    entries = [application.entry, *(application.entry_of(operation) for operation in application.operations)]
    return [
        _secret(namespace, name, secret, now, Random(f"{seed}:certificate:{name}"))
        for namespace in dict.fromkeys(application.namespace_of(entry) for entry in entries)
        for name, secret in application.tls.secrets.items()
    ]


def _secret(namespace: str, name: str, secret: TlsSecret, now: float, rng: Random) -> Manifest:
    issuer, own = (Ed25519PrivateKey.from_private_bytes(rng.randbytes(32)) for _ in range(2))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(secret.hosts[0]))
        .issuer_name(_name(_ISSUER))
        .public_key(own.public_key())
        .serial_number(rng.getrandbits(120) + 1)
        .not_valid_before(_moment(now + secret.from_day * DAY))
        .not_valid_after(_moment(now + secret.to_day * DAY))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in secret.hosts]), critical=False)
        .sign(issuer, None)  # Ed25519 signs without a random number
    )
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    data = {"tls.crt": certificate.public_bytes(serialization.Encoding.PEM), "tls.key": key}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/tls",
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
