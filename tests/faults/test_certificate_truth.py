"""Whether an Ingress is served with a good certificate, however that came about."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Edge, Entity, Manifest
from tests.faults.conftest import made
from tests.faults.test_present import Case

NOW = datetime.fromtimestamp(1_780_000_000, UTC)
INGRESS = Entity(kind="Ingress", namespace="shop", name="web")
OLD = Entity(kind="Secret", namespace="shop", name="web-tls-old")


def secret(name: str, host: str, days: int, kind: str = "kubernetes.io/tls") -> Manifest:
    """A Secret with a certificate for a host that ends this many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    title = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(title)
        .issuer_name(title)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = base64.b64encode(certificate.public_bytes(serialization.Encoding.PEM)).decode()
    written = base64.b64encode(b"key").decode()
    return made("Secret", name, type=kind, data={"tls.crt": text, "tls.key": written})


async def served_with(kube: KubernetesClient, name: str, *hosts: str) -> None:
    tls = [{"hosts": list(hosts or ("web.example.com",)), "secretName": name}]
    await kube.patch(INGRESS, {"spec": {"tls": tls}}, "merge")


@pytest.fixture(params=["replaced", "put first"])
async def case(request: pytest.FixtureRequest, kube: KubernetesClient, tmp_path: Path) -> Case:
    await kube.create(secret("web-tls", "web.example.com", 90))
    await kube.create(secret("web-tls-old", "web.example.com", -30))
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
    spec = {
        "rules": [{"host": "web.example.com", "http": {"paths": [path]}}],
        "tls": [{"hosts": ["web.example.com"], "secretName": "web-tls"}],
    }
    await kube.create(made("Ingress", "web", "networking.k8s.io/v1", spec=spec))
    return await Case.of(
        kube, tmp_path, "expired_certificate", use=Edge(source=INGRESS, target=OLD), form=request.param
    )


async def test_it_is_there_until_it_is_taken_back(case: Case) -> None:
    assert await case.present()
    assert await case.revert() == 1
    assert not await case.present()


@pytest.mark.parametrize(
    ("host", "days", "kind", "there"),
    [
        ("web.example.com", 30, "kubernetes.io/tls", False),
        ("*.example.com", 30, "kubernetes.io/tls", False),
        ("other.example.com", 30, "kubernetes.io/tls", True),
        ("*.web.example.com", 30, "kubernetes.io/tls", True),
        ("web.example.com", -1, "kubernetes.io/tls", True),
        ("web.example.com", 30, "Opaque", True),
    ],
)
async def test_another_certificate_cures_where_it_is_good_for_the_host(
    case: Case, host: str, days: int, kind: str, there: bool
) -> None:
    await case.kube.create(secret("bought", host, days, kind))
    await served_with(case.kube, "bought")
    assert await case.present() is there


async def test_a_renewed_certificate_in_the_same_secret_cures(case: Case) -> None:
    await case.kube.patch(OLD, {"data": secret("any", "web.example.com", 90)["data"]}, "merge")
    assert not await case.present()


async def test_no_certificate_for_the_host_is_no_cure(case: Case) -> None:
    await case.kube.patch(INGRESS, {"spec": {"tls": None}}, "merge")
    assert await case.present()
    await served_with(case.kube, "web-tls", "other.example.com")
    assert await case.present()
    await served_with(case.kube, "no-such-secret")
    assert await case.present()
    await case.kube.delete(INGRESS)
    assert await case.present()
