"""The signature of a generic webhook: who has the secret can tell that a message is ours, whole and recent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from aiops.core.errors import InvalidInputError

ID_HEADER = "Aiops-Delivery"
TIMESTAMP_HEADER = "Aiops-Timestamp"
SIGNATURE_HEADER = "Aiops-Signature"
SCHEME = "sha256="

TOLERANCE = 300.0
"""Seconds between sender's and receiver's clock, in either direction; an older message may be a replay."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, as `sha256=` and hexadecimal digits."""
    signed = str(timestamp).encode() + b"." + body
    return SCHEME + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = TOLERANCE) -> None:
    """What a receiver does. `headers` in any case. Raises `InvalidInputError` saying what is wrong."""
    given = {name.lower(): value for name, value in headers.items()}
    timestamp = given.get(TIMESTAMP_HEADER.lower(), "")
    signature = given.get(SIGNATURE_HEADER.lower(), "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise InvalidInputError(f"{TIMESTAMP_HEADER}: no time in unix seconds")
    if not hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode()):
        raise InvalidInputError(f"{SIGNATURE_HEADER}: does not fit the body and the time")
    if abs(now - int(timestamp)) > tolerance:
        raise InvalidInputError(f"{TIMESTAMP_HEADER}: more than {tolerance:g} s away from now")
