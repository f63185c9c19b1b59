"""What the wording of a log line speaks for: error messages of runtimes and of Kubernetes' own libraries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiops.core.mechanism import Mechanism


@dataclass(frozen=True, slots=True)
class Signature:
    """A wording, the mechanism that it speaks for, and how strongly."""

    pattern: re.Pattern[str]
    mechanism: Mechanism
    strength: float


SIGNATURES = tuple(
    Signature(re.compile(pattern, re.IGNORECASE), mechanism, strength)
    for pattern, mechanism, strength in (
        (r"certificate (has )?expired|not yet valid: current time", Mechanism.TLS_CERTIFICATE_EXPIRED, 0.8),
        (r"\bis forbidden: user\b|cannot (get|list|watch|create|patch) resource", Mechanism.AUTH_RBAC_DENIED, 0.8),
        (r"no such host|name or service not known|getaddrinfo|nxdomain|unknown ?host", Mechanism.CONFIG_ENV_VALUE, 0.5),
        (r"missing (required )?(env|config)|(variable|key) \S+ (is )?not set", Mechanism.CONFIG_MISSING_KEY, 0.5),
        (r"invalid (value|config|port|url|address|duration)|cannot parse", Mechanism.CONFIG_ENV_VALUE, 0.4),
        (r"authentication failed|access denied for user|password authentication", Mechanism.CONFIG_ENV_VALUE, 0.35),
        (r"out of memory|cannot allocate memory|OutOfMemoryError|heap limit", Mechanism.RESOURCE_MEMORY_LIMIT, 0.5),
    )
)  # fmt: skip

TROUBLE = re.compile(
    r"\b(error|err|fail(ed|ure|s)?|fatal|panic|exception|traceback|refused|denied|forbidden|timed? ?out|timeout|"
    r"deadline exceeded|unavailable|unreachable|no such|cannot|killed|5\d\d|warn(ing)?)\b",
    re.IGNORECASE,
)


def signature_of(text: str) -> Signature | None:
    """The first signature that a line's text meets."""
    return next((s for s in SIGNATURES if s.pattern.search(text)), None)


def is_trouble(text: str) -> bool:
    """Does a line's text speak of something going wrong?"""
    return bool(TROUBLE.search(text))
