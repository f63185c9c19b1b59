"""Certificates that Ingresses are served with: what a Secret holds, whether it is good for a host, a new one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import find


def certificate_in(secret: Manifest) -> x509.Certificate | None:
    """The certificate in a Secret of type `kubernetes.io/tls`, or None where it holds none."""
    if secret.get("type") != "kubernetes.io/tls":
        return None
    try:
        return x509.load_pem_x509_certificate(base64.b64decode((secret.get("data") or {}).get("tls.crt", "")))
    except (ValueError, binascii.Error):
        return None


async def holds(target: Target, ingress: Manifest, host: str) -> bool:
    """Whether the first certificate that an Ingress names for a host is one for it, and ends after the Ingress was
    made."""
    entry = next((item for item in ingress["spec"].get("tls") or () if host in (item.get("hosts") or ())), None)
    if entry is None or not entry.get("secretName"):
        return False
    namespace = ingress["metadata"]["namespace"]
    secret = await find(target, Entity(kind="Secret", namespace=namespace, name=entry["secretName"]))
    certificate = certificate_in(secret) if secret else None
    if certificate is None or certificate.not_valid_after_utc < made(ingress):
        return False
    return any(name in (host, f"*.{host.partition('.')[2]}") for name in _names(certificate))


def made(manifest: Manifest) -> datetime:
    """When an object was created."""
    return datetime.fromisoformat(manifest["metadata"]["creationTimestamp"])


def issued(like: x509.Certificate, names: Sequence[str], serial: int) -> dict[str, str]:
    """The data of a Secret with a certificate for these names, valid as long as another one. Equal serial numbers give
    equal keys."""
    rng = Random(serial)
    issuer, own = (Ed25519PrivateKey.from_private_bytes(rng.randbytes(32)) for _ in range(2))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])]))
        .issuer_name(like.issuer)
        .public_key(own.public_key())
        .serial_number(serial)
        .not_valid_before(like.not_valid_before_utc)
        .not_valid_after(like.not_valid_after_utc)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(issuer, None)
    )
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    parts = {"tls.crt": certificate.public_bytes(serialization.Encoding.PEM), "tls.key": key}
    return {name: base64.b64encode(part).decode() for name, part in parts.items()}


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return list(names.get_values_for_type(x509.DNSName))
