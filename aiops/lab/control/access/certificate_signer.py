"""The certificate signing controller: signs approved requests to the cluster's own signers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER, Controller
from aiops.lab.kube.objects import Key, condition_is, deleting, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

_PREFIX = "kubernetes.io/"


class CertificateSigner(Controller):
    """Looks after CertificateSigningRequests. Those of other signers are left to these."""

    account = "certificate-controller"
    hears = ("CertificateSigningRequest",)

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "CertificateSigningRequest" and write.type != "DELETED":
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        request = self._store.find("CertificateSigningRequest", *key)
        if request is None or deleting(request) or not _waits(request):
            return None
        from aiops.lab.control.access import certificates

        if request["spec"]["signerName"] not in certificates.SIGNERS:
            return None
        now = self._store.now()
        if why := certificates.problem(request):
            self._write(request, {"conditions": [*request["status"]["conditions"], _failed(why, rfc3339(now))]})
        else:
            self._write(request, {"certificate": certificates.signed(request, self._store.secret, now)})
        return None

    def _write(self, request: Manifest, status: dict[str, Any]) -> None:
        new = {**request, "status": {**request["status"], **status}}
        self._store.update(new, manager=CONTROLLER_MANAGER, subresource="status")


def _waits(request: Manifest) -> bool:
    """Is it approved, and not signed yet?"""
    status = request.get("status") or {}
    ours = str(request["spec"].get("signerName", "")).startswith(_PREFIX)
    open_ = not status.get("certificate") and not condition_is(request, "Failed")
    return ours and open_ and condition_is(request, "Approved") and not condition_is(request, "Denied")


def _failed(why: str, moment: str) -> dict[str, Any]:
    return {
        "type": "Failed",
        "status": "True",
        "reason": "SignerValidationFailure",
        "message": why,
        "lastUpdateTime": moment,
    }
