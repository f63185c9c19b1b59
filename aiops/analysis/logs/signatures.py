"""What the wording of a log line speaks for: error messages of runtimes and of Kubernetes' own libraries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiops.core.mechanism import Mechanism


@dataclass(frozen=True, slots=True)
class Signature:
    """A wording, the mechanism that it speaks for, and how strongly; `also` are others with the same words."""

    pattern: re.Pattern[str]
    mechanism: Mechanism
    strength: float
    also: tuple[tuple[Mechanism, float], ...] = ()


FILES = r"ya?ml|json|toml|ini|conf|cfg|xml|properties"
"""Endings of files that hold settings."""

HEAP_FULL = Signature(
    re.compile(
        r"OutOfMemoryError|out of memory|cannot allocate memory|heap limit|heap out of memory|GC overhead limit|"
        r"\bMemoryError\b|std::bad_alloc|Allowed memory size of \d+ bytes exhausted",
        re.IGNORECASE,
    ),
    Mechanism.RESOURCE_MEMORY_LIMIT,
    0.5,
    also=((Mechanism.APP_MEMORY_LEAK, 0.65), (Mechanism.APP_GARBAGE_COLLECTION, 0.6)),
)
"""A runtime that ends because its heap is full: too small a limit, too small a heap, or a program that needs ever more.
What was changed tells which."""

KNOWN = tuple(
    Signature(re.compile(pattern, re.IGNORECASE), mechanism, strength)
    for pattern, mechanism, strength in (
        (r"certificate (has )?expired|not yet valid: current time", Mechanism.TLS_CERTIFICATE_EXPIRED, 0.8),
        (r"\bis forbidden: user\b|cannot (get|list|watch|create|patch) resource", Mechanism.AUTH_RBAC_DENIED, 0.8),
        (r"no such host|name or service not known|getaddrinfo|nxdomain|unknown ?host", Mechanism.CONFIG_ENV_VALUE, 0.5),
        (r"missing (required )?(env|config|setting)|variable \S+ (is )?(not set|required|missing)|KeyError: '[A-Z]",
         Mechanism.CONFIG_ENV_MISSING, 0.6),
        (r"exec format error", Mechanism.IMAGE_ARCHITECTURE, 0.95),
        (r"(unknown|unrecogni[sz]ed|unexpected|invalid|illegal|ambiguous) (command[- ]line )?(flag|option|arg|switch)|"
         r"flag provided but not defined|unknown shorthand flag|no such (command|option)|"
         r"executable file not found|: (command )?not found$", Mechanism.CONFIG_COMMAND, 0.7),
        (r"\b(yaml|toml|json|ini|xml): .*(line|column|unmarshal|expected)|\[emerg\].*(directive|unexpected|invalid)|"
         rf"(pars|load|read|open|decod)\w* .{{0,80}}\.({FILES})\b|"
         rf"\.({FILES})\b.{{0,60}}(no such file|not found|syntax|invalid|unexpected|malformed)|"
         r"malformed config|config(uration)? file .{0,60}(invalid|missing|not found|syntax|error)",
         Mechanism.CONFIG_FILE, 0.65),
        (r"\bunimplemented\b|unknown (method|service|rpc)|method not (found|allowed|implemented)|"
         r"(unsupported|incompatible|unknown) (api |schema |protocol |message )?version|version mismatch|"
         r"(unknown|unexpected|unrecogni[sz]ed) field|requires (a )?(newer|client|server|version)|no longer supported|"
         r"(schema|protocol|message|payload|wire|format|api) version:? ?v?\d[^\n]{0,60}"
         r"\b(expect(ed|s)?|want(ed)?|support(ed|s)?)\b|"
         r"\b(missing|no|lacks) (required |such )?(field|property)\b|(field|property) \S{1,60} (is |was )?missing\b",
         Mechanism.ROLLOUT_PARTIAL, 0.45),
        (r"feature[ _-]?(flag|toggle|gate)|experiment(al)? (feature|mode|path)|code path .* (enabled|disabled)",
         Mechanism.APP_FEATURE_FLAG, 0.45),
        (r"address already in use|EADDRINUSE", Mechanism.CONFIG_SIDECAR, 0.5),
        (r"invalid (value|config|port|url|address|duration)|cannot parse", Mechanism.CONFIG_ENV_VALUE, 0.4),
        (r"authentication failed|access denied for user|password authentication", Mechanism.CONFIG_ENV_VALUE, 0.35),
    )
)  # fmt: skip

SIGNATURES = (*KNOWN, HEAP_FULL)

TROUBLE = re.compile(
    r"\b(\w*error|err|fail(ed|ure|s)?|fatal|panic|\w*exception|traceback|refused|denied|forbidden|timed? ?out|timeout|"
    r"deadline exceeded|unavailable|unreachable|no such|cannot|killed|5\d\d|warn(ing)?|missing|required|invalid|"
    r"undefined|unset|not (set|found|allowed)|unknown|unrecogni[sz]ed|unsupported|emerg|critical|abort\w*)\b",
    re.IGNORECASE,
)


def signature_of(text: str) -> Signature | None:
    """The first signature that a line's text meets."""
    return next((s for s in SIGNATURES if s.pattern.search(text)), None)


def is_trouble(text: str) -> bool:
    """Does a line's text speak of something going wrong?"""
    return bool(TROUBLE.search(text)) or signature_of(text) is not None
