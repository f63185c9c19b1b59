"""The kinds of errors that a caller sees, whatever its runtime or driver calls them."""

from __future__ import annotations

import re
from enum import StrEnum


class ErrorKind(StrEnum):
    """What a failed call met, from the name up to the answer."""

    NAME = "name"  # the name had no address
    PORTS = "ports"  # no source port or table entry was left
    REFUSED = "refused"  # nobody listens there, or somebody says no at once
    UNREACHABLE = "unreachable"  # no way leads there
    TIMEOUT = "timeout"  # no answer in time
    RESET = "reset"  # the other side broke the connection off
    CERTIFICATE = "certificate"  # the other side's certificate was not accepted
    HANDSHAKE = "handshake"  # both sides do not agree on how to encrypt
    LOGIN = "login"  # the other side does not accept who the caller says to be
    PERMISSION = "permission"  # the caller is known and may not do that
    ANSWER = "answer"  # an answer came, and it is an error
    OTHER = "other"


_KINDS: tuple[tuple[ErrorKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            ErrorKind.NAME,
            r"name.?resolution|no such host|unknown.?host|dns.?error|gaierror|eai_again|enotfound|nxdomain|servfail"
            r"|resolve|name or service not known|no address associated",
        ),
        (ErrorKind.PORTS, r"eaddrnotavail|assign requested address|address.?not.?avail"),
        (ErrorKind.CERTIFICATE, r"certificate|x509|hostname.?mismatch|self.?signed|unknown authority"),
        (
            ErrorKind.HANDSHAKE,
            r"handshake|wrong version number|tls|ssl|https? (request|response) (to|for) an? https?"
            r"|first record does not look like|no encryption|insecure transport",
        ),
        (
            ErrorKind.LOGIN,
            r"auth\w*.?(fail|error|exception)|unauthenticated|\b401\b|wrongpass|noauth\b|invalid.?(password|credential)"
            r"|access denied for user|password authentication|login was refused|login failed|mongosecurity|\b28P01\b"
            r"|\b28000\b|\b1045\b|signaturedoesnotmatch|invalidaccesskeyid|requesttimetooskewed",
        ),
        (
            ErrorKind.PERMISSION,
            r"permission.?denied|not.?authorized|unauthorized|forbidden|\b403\b|noperm\b|insufficient.?privilege"
            r"|access_refused|\b42501\b|\b1142\b",
        ),
        (ErrorKind.REFUSED, r"refused"),
        (ErrorKind.UNREACHABLE, r"unreach|no.?route|ehostunreach|enetunreach"),
        (ErrorKind.TIMEOUT, r"time.?d?.?out|deadline|etimedout|timeout"),
        (ErrorKind.RESET, r"reset|broken.?pipe|epipe|\beof\b|closed|prematurely|aborted|hang ?up"),
        (ErrorKind.ANSWER, r"^[1-5]\d\d$"),
    )
)


def kind_of(error: str) -> ErrorKind:
    """The kind of an `error.type` (OpenTelemetry) or of an error's text. Of several, the one nearest to the name."""
    return next((kind for kind, pattern in _KINDS if pattern.search(error)), ErrorKind.OTHER)
