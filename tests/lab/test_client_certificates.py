"""Signing in with a certificate that the cluster has issued."""

from __future__ import annotations

import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aiops.core.clock import SystemClock
from aiops.lab.certificates import issued
from aiops.lab.control.access import certificates
from aiops.lab.control.housekeeping import authority
from aiops.lab.kube import ObjectStore, User, bootstrap, kubernetes_app
from aiops.lab.serving import LOOPBACK, Served

START = 1_780_000_000.0
HOUR = 3600.0


@dataclass
class Cluster:
    """An API server, its authority, and a clock that is not the machine's."""

    store: ObjectStore
    folder: Path
    now: float = START
    address: str = ""

    @property
    def authority(self) -> str:
        return authority.certificate(self.store.secret, START)

    def pair(self, usages: tuple[str, ...] = ("client auth",)) -> tuple[str, str]:
        """A new client's files: its certificate, issued for a day, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = [
            x509.NameAttribute(NameOID.COMMON_NAME, "bob"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "devs"),
        ]
        asked = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject)).sign(key, hashes.SHA256())
        text = b64encode(asked.public_bytes(serialization.Encoding.PEM)).decode()
        spec = {"request": text, "signerName": certificates.CLIENT, "usages": list(usages), "expirationSeconds": 86400}
        signed = certificates.signed({"metadata": {"uid": "1"}, "spec": spec}, self.store.secret, START)
        paths = str(self.folder / "crt"), str(self.folder / "key")
        Path(paths[0]).write_bytes(b64decode(signed))
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        Path(paths[1]).write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
        return paths

    async def who(self, pair: tuple[str, str] | None, token: str = "") -> tuple[int, Any]:
        """(status, user) of a review of oneself."""
        context = ssl.create_default_context(cadata=self.authority)
        if pair:
            context.load_cert_chain(*pair)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(verify=context, headers=headers) as client:
            path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
            answer = await client.post(f"{self.address}{path}", json={})
        return answer.status_code, answer.json().get("status", {}).get("userInfo") if answer.is_success else None


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    made = Cluster(ObjectStore(now=lambda: made.now, rng=Random(1)), tmp_path)
    bootstrap(made.store)
    app = kubernetes_app(made.store, tokens={"t": User("jane")}, logs=lambda *_: [])
    root = made.authority
    certificate = issued(LOOPBACK, SystemClock().now(), root, authority.key(made.store.secret))
    async with Served(app, certificate) as address:
        made.address = address
        yield made


async def test_a_certificate_names_a_user_and_groups(cluster: Cluster) -> None:
    status, user = await cluster.who(cluster.pair())
    assert status == 201
    assert (user["username"], user["groups"]) == ("bob", ["devs", "system:authenticated"])
    (mark,) = user["extra"]["authentication.kubernetes.io/credential-id"]
    assert mark.startswith("X509SHA256=")


async def test_it_counts_before_a_token_and_a_token_without_it(cluster: Cluster) -> None:
    assert (await cluster.who(cluster.pair(), "t"))[1]["username"] == "bob"
    assert (await cluster.who(None, "t"))[1]["username"] == "jane"


async def test_it_ends_by_the_clock_of_the_cluster(cluster: Cluster) -> None:
    pair = cluster.pair()
    cluster.now = START + 25 * HOUR
    assert (await cluster.who(pair))[0] == 401
    assert (await cluster.who(pair, "t"))[1]["username"] == "jane"


async def test_one_of_somebody_else_is_no_use(cluster: Cluster) -> None:
    stranger = Cluster(ObjectStore(now=lambda: START, rng=Random(2)), cluster.folder)
    with pytest.raises((httpx2.TransportError, ssl.SSLError)):
        await cluster.who(stranger.pair())


@pytest.mark.parametrize("usages", [("client auth",), ("client auth", "digital signature", "key encipherment")])
async def test_any_usages_make_a_certificate_that_libraries_take(cluster: Cluster, usages: tuple[str, ...]) -> None:
    assert (await cluster.who(cluster.pair(usages)))[0] == 201
