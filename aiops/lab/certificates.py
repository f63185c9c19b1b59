"""Certificates for the lab's API server, so that every Kubernetes client talks to it as to a real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_DAYS = 365


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A certificate and its key, both PEM. `authority` is the certificate of who issued it; empty of a self-signed one,
    which clients trust itself."""

    certificate: str
    key: str
    authority: str = ""

    @property
    def trusted(self) -> str:
        """What clients are to trust."""
        return self.authority or self.certificate


def self_signed(address: str, moment: float) -> ServerCertificate:
    """A new certificate for an IP address, valid for a year from `moment` (unix seconds of the machine)."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _for(address, moment, key)
        .issuer_name(_NAME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return ServerCertificate(_pem(certificate), _private(key))


def issued(address: str, moment: float, authority: str, issuer: ec.EllipticCurvePrivateKey) -> ServerCertificate:
    """As `self_signed`, by an authority (PEM) with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    by = x509.load_pem_x509_certificate(authority.encode())
    certificate = (
        _for(address, moment, key)
        .issuer_name(by.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .sign(issuer, hashes.SHA256())
    )
    return ServerCertificate(_pem(certificate), _private(key), authority)


_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")])


def _for(address: str, moment: float, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    today = datetime.fromtimestamp(moment, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, form, serialization.NoEncryption()).decode()
