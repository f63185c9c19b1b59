"""Certificate requests carry their requester, and only some may approve or sign them.

CertificateApproval, CertificateSigning and CertificateSubjectRestriction; and what the registry of requests takes from
the request itself: who asks, and when.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import Access, decide
from aiops.lab.kube.access.user import MASTERS
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.kinds.rules.certificates import APPROVAL, request_problem

GROUP = "certificates.k8s.io"
CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client"
_REQUESTER = ("username", "uid", "groups", "extra")


class Certificates(Plugin):
    """The plug-ins for certificate signing requests."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        if resource.shelf != "CertificateSigningRequest":
            return False
        return operation == "CREATE" or (operation == "UPDATE" and subresource in (APPROVAL, "status"))

    def admit(self, request: Attributes) -> None:
        if request.operation == "CREATE":
            spec = {key: value for key, value in request.new["spec"].items() if key not in _REQUESTER}
            request.new["spec"] = {**spec, **request.user.info()}
        else:
            self._stamp(request.new, request.old or {})

    def validate(self, request: Attributes) -> None:
        if request.operation == "CREATE":
            if request.new["spec"].get("signerName") == CLIENT_SIGNER and _asks_for_masters(request.new):
                raise request.forbidden(f"use of {CLIENT_SIGNER} signer with {MASTERS} group is not allowed")
            return
        old = request.old or {}
        verb = "approve" if request.subresource == APPROVAL else "sign"
        if verb == "sign" and _signed(request.new) == _signed(old):
            return
        signer = old["spec"]["signerName"]
        if not self._may(request, verb, signer):
            raise request.forbidden(f'user not permitted to {verb} requests with signerName "{signer}"')

    def _may(self, request: Attributes, verb: str, signer: str) -> bool:
        names = (signer, f"{signer.partition('/')[0]}/*")
        accesses = [Access(verb, GROUP, "signers", name=name) for name in names]
        return any(decide(self._cluster, request.user, access).allowed for access in accesses)

    def _stamp(self, new: Manifest, old: Manifest) -> None:
        """Moments of conditions that have none."""
        now = rfc3339(self._cluster.now())
        status = dict(new.get("status") or {})
        before = {(c.get("type"), c.get("status")): c for c in (old.get("status") or {}).get("conditions") or ()}
        stamped = []
        for entry in status.get("conditions") or ():
            known = before.get((entry.get("type"), entry.get("status"))) or {}
            moment = entry.get("lastTransitionTime") or known.get("lastTransitionTime") or now
            update = entry.get("lastUpdateTime") or now
            stamped.append({**entry, "lastUpdateTime": update, "lastTransitionTime": moment})
        if stamped:
            new["status"] = {**status, "conditions": stamped}


def _signed(request: Manifest) -> tuple[Any, Any]:
    status = request.get("status") or {}
    return status.get("certificate"), status.get("conditions") or []


def _asks_for_masters(request: Manifest) -> bool:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    content = request["spec"]["request"]
    if request_problem(content):
        return False
    subject = x509.load_pem_x509_csr(b64decode(content)).subject
    return any(entry.value == MASTERS for entry in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
