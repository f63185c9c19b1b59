"""The authority of the cluster: the certificate by which its pods are to check the API server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aiops.lab.kube.access.signing import private_key

VALID_DAYS = 3650
PURPOSE = "root-certificate"

_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_encipherment=True,
    key_cert_sign=True,
    content_commitment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key that signs."""
    return private_key(secret, PURPOSE)


def certificate(secret: bytes, now: float) -> str:
    """PEM, self-signed, the same for equal secrets and moments (unix seconds)."""
    issuer = key(secret)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    today = datetime.fromtimestamp(now, UTC)
    authority = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(issuer.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()), critical=False)
        .sign(issuer, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return authority.public_bytes(serialization.Encoding.PEM).decode()
