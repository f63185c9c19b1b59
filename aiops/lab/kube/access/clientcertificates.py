"""Who signs in with a certificate: its common name is the user, its organisations are the groups.

The server's TLS has checked by then who issued it; its time is the cluster's, so that is checked here.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID

from aiops.lab.kube.access.user import User

STATE = "client_certificate"
"""Under which a connection's certificate (DER) stands in the state of an ASGI scope."""

_CREDENTIAL = "authentication.kubernetes.io/credential-id"


def user_of_certificate(content: bytes, now: float) -> User | None:
    """The user of a certificate; None where it is not valid at `now` (unix seconds), or names nobody."""
    name, groups, start, end = _read(content)
    if not name or not start <= now <= end:
        return None
    mark = f"X509SHA256={hashlib.sha256(content).hexdigest()}"
    return User(name, groups, "", ((_CREDENTIAL, (mark,)),))


@lru_cache(maxsize=64)
def _read(content: bytes) -> tuple[str, tuple[str, ...], float, float]:
    """(common name, organisations, from, to)."""
    found = x509.load_der_x509_certificate(content)
    names = [str(entry.value) for entry in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    groups = tuple(str(entry.value) for entry in found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))
    ends = (found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp())
    return (names[0] if names else "", groups, *ends)
