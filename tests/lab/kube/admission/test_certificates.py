"""Certificate signing requests: who asks, who approves, and what the cluster's signers make of them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from aiops.core.entity import Manifest
from aiops.lab.control.access.certificate_signer import CertificateSigner
from aiops.lab.control.access.certificates import CLIENT, KUBELET_CLIENT, KUBELET_SERVING
from aiops.lab.control.housekeeping.authority import certificate
from aiops.lab.kube import ObjectStore
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import condition

PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
KEY = ec.derive_private_key(4711, ec.SECP256R1())


def _request(name: str, organization: str, *alternatives: x509.GeneralName) -> str:
    subject = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return b64encode(builder.sign(KEY, SHA256()).public_bytes(Encoding.PEM)).decode()


def _csr(signer: str, request: str, *usages: str, **spec: Any) -> Manifest:
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": "one"},
        "spec": {"request": request, "signerName": signer, "usages": list(usages), **spec},
    }


def _approved(store: ObjectStore, csr: Manifest, kind: str = "Approved") -> Manifest:
    made = store.create(csr, manager="m")
    conditions = [{"type": kind, "status": "True", "reason": "Test"}]
    store.update({**made, "status": {"conditions": conditions}}, manager="m", subresource="approval")
    CertificateSigner(store).sync(("", "one"))
    return store.get("CertificateSigningRequest", "", "one")


def test_an_approved_request_is_signed_by_the_clusters_authority(store: ObjectStore) -> None:
    done = _approved(store, _csr(CLIENT, _request("jane", "devs"), "client auth", expirationSeconds=3600))
    issued = x509.load_pem_x509_certificate(b64decode(done["status"]["certificate"]))
    authority = x509.load_pem_x509_certificate(certificate(store.secret, store.now()).encode())
    issued.verify_directly_issued_by(authority)
    assert (issued.not_valid_after_utc - issued.not_valid_before_utc).total_seconds() == 3600 + 300
    assert condition(done, "Approved")


def test_a_denied_one_is_not(store: ObjectStore) -> None:
    done = _approved(store, _csr(CLIENT, _request("jane", "devs"), "client auth"), "Denied")
    assert "certificate" not in done["status"]


NODE = ("system:node:n1", "system:nodes")


@pytest.mark.parametrize(
    ("csr", "why"),
    [
        (_csr(CLIENT, _request("a", "b"), "client auth", "code signing"), "invalid usage for client certificate"),
        (_csr(CLIENT, _request("a", "b"), "digital signature"), "missing required usage"),
        (_csr(KUBELET_CLIENT, _request("a", "b"), "client auth"), "subject organization is not system:nodes"),
        (_csr(KUBELET_SERVING, _request(*NODE), "server auth"), "DNS or IP subjectAltName is required"),
        (
            _csr(KUBELET_CLIENT, _request(*NODE, x509.DNSName("a")), "client auth"),
            "DNS subjectAltNames are not allowed",
        ),
        (_csr(KUBELET_CLIENT, _request(*NODE), "server auth", "digital signature"), "usages did not match"),
        (_csr(KUBELET_CLIENT, _request("n1", NODE[1]), "client auth", "digital signature"), "common name"),
    ],
)
def test_what_a_signer_does_not_take_fails(store: ObjectStore, csr: Manifest, why: str) -> None:
    failed = condition(_approved(store, csr), "Failed")
    assert failed is not None
    assert why in failed["message"]


def test_the_signers_of_the_cluster_take_nodes(store: ObjectStore) -> None:
    serving = _csr(KUBELET_SERVING, _request(*NODE, x509.DNSName("n1")), "server auth", "digital signature")
    assert _approved(store, serving)["status"]["certificate"]


async def test_a_request_carries_who_asks_and_only_some_approve(api: Any, store: ObjectStore) -> None:
    _, made = await api("POST", PATH, _csr("example.com/x", _request("a", "b"), "client auth", username="eve"))
    assert made["spec"]["username"] == "admin"
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "approver"},
        "rules": [{"apiGroups": ["certificates.k8s.io"], "resources": ["*"], "verbs": ["get", "update"]}],
    }
    store.create(role, manager="m")
    binding = {**role, "kind": "ClusterRoleBinding", "roleRef": {"kind": "ClusterRole", "name": "approver"}}
    store.create({**binding, "subjects": [{"kind": "User", "name": "bob"}]}, manager="m")
    wanted = {**made, "status": {"conditions": [{"type": "Approved", "status": "True", "reason": "r"}]}}
    status, body = await api.as_user("bob")("PUT", f"{PATH}/one/approval", wanted)
    assert (status, body["message"].partition(": ")[2]) == (
        403,
        'user not permitted to approve requests with signerName "example.com/x"',
    )
    status, body = await api("PUT", f"{PATH}/one/approval", wanted)
    assert (status, body["status"]["conditions"][0]["type"]) == (200, "Approved")
    status, body = await api("PUT", f"{PATH}/one/approval", {**body, "status": {}})
    assert (status, "may not remove a condition" in body["message"]) == (422, True)


def test_nobody_gets_masters_by_a_certificate(store: ObjectStore) -> None:
    with pytest.raises(ApiError, match="with system:masters group is not allowed"):
        store.create(_csr(CLIENT, _request("eve", "system:masters"), "client auth"), manager="m")
