"""What the cluster's own signers put into a certificate, and which requests they take."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from aiops.core.entity import Manifest
from aiops.lab.control.housekeeping.authority import PURPOSE
from aiops.lab.kube.access.signing import private_key
from aiops.lab.kube.access.user import NODE_PREFIX, NODES

CLIENT = "kubernetes.io/kube-apiserver-client"
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
KUBELET_SERVING = "kubernetes.io/kubelet-serving"
SIGNERS = (CLIENT, KUBELET_CLIENT, KUBELET_SERVING)

YEAR = 365 * 86400
SHORTEST = 600
BACKDATED = 300
_KINDS = {"DNSName": "DNS", "IPAddress": "IP", "RFC822Name": "Email", "UniformResourceIdentifier": "URI"}
_CLIENT_USAGES = ("digital signature", "key encipherment", "client auth")
_SERVER_USAGES = ("digital signature", "key encipherment", "server auth")


def problem(request: Manifest) -> str:
    """Why the request's signer does not take it, in the words of Kubernetes; empty where it does."""
    spec = request["spec"]
    usages = list(spec.get("usages") or ())
    if spec["signerName"] == CLIENT:
        wrong = next((usage for usage in usages if usage not in _CLIENT_USAGES), "")
        if wrong:
            return f"invalid usage for client certificate: {wrong}"
        return "" if "client auth" in usages else "missing required usage for client certificate: client auth"
    parsed = _parsed(request)
    if _names(parsed, NameOID.ORGANIZATION_NAME) != [NODES]:
        return f"subject organization is not {NODES}"
    serving = spec["signerName"] == KUBELET_SERVING
    if why := _alternatives_problem(parsed, serving=serving):
        return why
    needed = _SERVER_USAGES if serving else _CLIENT_USAGES
    if {*usages, "key encipherment"} != set(needed):
        return f"usages did not match [{' '.join(sorted(needed))}]"
    name = "".join(_names(parsed, NameOID.COMMON_NAME))
    return "" if name.startswith(NODE_PREFIX) else f"subject common name does not begin with {NODE_PREFIX}"


def signed(request: Manifest, secret: bytes, now: float) -> str:
    """The certificate, base64 of PEM, for at most a year."""
    spec, parsed = request["spec"], _parsed(request)
    seconds = min(max(int(spec.get("expirationSeconds") or YEAR), SHORTEST), YEAR)
    today = datetime.fromtimestamp(now, UTC)
    usages = spec.get("usages") or ()
    builder = (
        x509.CertificateBuilder()
        .subject_name(parsed.subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")]))
        .public_key(parsed.public_key())
        .serial_number(Random(f"{request['metadata']['uid']}").getrandbits(127) + 1)
        .not_valid_before(today - timedelta(seconds=BACKDATED))
        .not_valid_after(today + timedelta(seconds=seconds))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_purposes(usages)), critical=False)
    )
    if {"digital signature", "key encipherment"} & set(usages):
        builder = builder.add_extension(_key_usage(usages), critical=True)  # one without a usage is no certificate
    if (alternatives := _alternatives(parsed)) is not None:
        builder = builder.add_extension(alternatives, critical=False)
    certificate = builder.sign(private_key(secret, PURPOSE), SHA256(), ecdsa_deterministic=True)
    return b64encode(certificate.public_bytes(Encoding.PEM)).decode()


def _parsed(request: Manifest) -> x509.CertificateSigningRequest:
    return x509.load_pem_x509_csr(b64decode(request["spec"]["request"]))


def _names(parsed: x509.CertificateSigningRequest, kind: x509.ObjectIdentifier) -> list[str]:
    return [str(entry.value) for entry in parsed.subject.get_attributes_for_oid(kind)]


def _alternatives(parsed: x509.CertificateSigningRequest) -> x509.SubjectAlternativeName | None:
    try:
        return parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _alternatives_problem(parsed: x509.CertificateSigningRequest, *, serving: bool) -> str:
    found = _alternatives(parsed)
    kinds = {_KINDS.get(type(name).__name__, "") for name in found} if found is not None else set()
    if serving and not kinds & {"DNS", "IP"}:
        return "DNS or IP subjectAltName is required"
    refused = ("Email", "URI") if serving else ("DNS", "Email", "IP", "URI")
    return next((f"{kind} subjectAltNames are not allowed" for kind in refused if kind in kinds), "")


def _purposes(usages: tuple[str, ...] | list[str]) -> list[x509.ObjectIdentifier]:
    known = {"client auth": ExtendedKeyUsageOID.CLIENT_AUTH, "server auth": ExtendedKeyUsageOID.SERVER_AUTH}
    return [known[usage] for usage in usages if usage in known]


def _key_usage(usages: tuple[str, ...] | list[str]) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature="digital signature" in usages,
        key_encipherment="key encipherment" in usages,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
