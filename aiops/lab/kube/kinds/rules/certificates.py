"""Certificate signing requests."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_1035, dns_label, dns_subdomain
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

APPROVAL = "approval"
SHORTEST = 600
_DECIDED = ("Approved", "Denied")
_TRUE_ONLY = ("Approved", "Denied", "Failed")
_USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip


@rules("CertificateSigningRequest")
class CertificateSigningRequestRules(Rules):
    """As `csrStrategy` and its siblings for the status and the approval."""

    status_subresources = (APPROVAL,)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {}

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        new["spec"] = old["spec"]

    def prepare_subresource(self, new: Manifest, old: Manifest, subresource: str) -> None:
        new["spec"] = old["spec"]
        status, before = new.get("status") or {}, old.get("status") or {}
        kept = {"certificate": before["certificate"]} if "certificate" in before else {}
        rest = {key: value for key, value in status.items() if key != "certificate"}
        new["status"] = {**rest, **kept}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        if why := request_problem(spec.get("request", "")):
            yield invalid_value("spec.request", spec.get("request", ""), why)
        usages = spec.get("usages") or []
        if not usages:
            yield required("spec.usages")
        for index, usage in enumerate(usages):
            if usage not in _USAGES:
                yield not_supported(f"spec.usages[{index}]", usage, _USAGES)
        for index, usage in enumerate(usages):
            if usage in usages[:index]:
                yield duplicate(f"spec.usages[{index}]", usage)
        yield from _signer(spec.get("signerName", ""), "spec.signerName")
        seconds = spec.get("expirationSeconds")
        if seconds is not None and seconds < SHORTEST:
            why = f"may not specify a duration less than {SHORTEST} seconds (10 minutes)"
            yield invalid_value("spec.expirationSeconds", seconds, why)
        yield from _conditions((new.get("status") or {}).get("conditions") or [], "status.conditions")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        yield from _kept(new, old, _TRUE_ONLY)

    def validate_subresource(self, new: Manifest, old: Manifest, subresource: str) -> Iterator[Cause]:
        yield from self.validate_update(new, old)

    def validate_status(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        yield from _kept(new, old, _TRUE_ONLY)
        for kind in _DECIDED:
            if _of_type(new, kind) and not _of_type(old, kind):
                yield forbidden("status.conditions", f'updates may not add a condition of type "{kind}"')
        before = (old.get("status") or {}).get("certificate")
        if before and (new.get("status") or {}).get("certificate") != before:
            yield forbidden("status.certificate", "updates may not modify existing certificate content")


def request_problem(request: str) -> str:
    """What is wrong with a request (base64 of PEM), in Go's words; empty where nothing is."""
    from cryptography import x509

    try:
        content = b64decode(request, validate=True)
    except (ValueError, Base64Error):
        return "PEM block type must be CERTIFICATE REQUEST"
    if b"-----BEGIN CERTIFICATE REQUEST-----" not in content:
        return "PEM block type must be CERTIFICATE REQUEST"
    try:
        parsed = x509.load_pem_x509_csr(content)
    except ValueError:
        return "asn1: structure error: tags don't match"
    return "" if parsed.is_signature_valid else "x509: invalid signature"


def _signer(name: str, path: str) -> Iterator[Cause]:
    """As `ValidateSignerName` does: a domain, and a path behind it."""
    if not name:
        yield required(path)
        return
    domain, slash, place = name.partition("/")
    if not slash or not domain or not place:
        why = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        yield invalid_value(path, name, why)
        return
    for why in dns_subdomain(domain):
        yield invalid_value(path, domain, f"validating label {domain!r}: {why}".replace("'", '"'))
    if len(domain.split(".")) < 2:
        yield invalid_value(path, domain, "should be a domain with at least two segments separated by dots")
    for step in place.split("."):
        for why in dns_label(step) and dns_1035(step):
            yield invalid_value(path, step, why)


def _conditions(conditions: list[Spec], path: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, entry in enumerate(conditions):
        kind, status = entry.get("type", ""), entry.get("status", "")
        if not kind:
            yield required(f"{path}[{index}].type")
        allowed = ("True",) if kind in _TRUE_ONLY else ("False", "True", "Unknown")
        if not status:
            yield required(f"{path}[{index}].status")
        elif status not in allowed:
            yield not_supported(f"{path}[{index}].status", status, allowed)
        if kind in _DECIDED and seen & (set(_DECIDED) - {kind}):
            yield invalid_value(path, kind, "Approved and Denied conditions are mutually exclusive")
        if kind in seen:
            yield duplicate(f"{path}[{index}].type", kind)
        seen.add(kind)


def _of_type(request: Manifest, kind: str) -> list[Spec]:
    conditions = (request.get("status") or {}).get("conditions") or ()
    return [entry for entry in conditions if entry.get("type") == kind]


def _kept(new: Manifest, old: Manifest, kinds: tuple[str, ...]) -> Iterator[Cause]:
    for kind in kinds:
        if len(_of_type(new, kind)) < len(_of_type(old, kind)):
            yield forbidden("status.conditions", f'updates may not remove a condition of type "{kind}"')
