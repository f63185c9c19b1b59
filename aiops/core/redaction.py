"""Takes secrets out of text: tokens, keys, passwords in addresses, values of fields whose name says credential."""

from __future__ import annotations

import re
from functools import lru_cache

REDACTED = "[redacted]"

_WORD = r"(?:password|passwd|passphrase|pwd|secret|api[_\-]?key|access[_\-]?key|private[_\-]?key|credential|token)s?"
_CREDENTIAL = re.compile(rf"{_WORD}$|(?:^|[_\-.]){_WORD}(?:$|[_\-.])|^-*(?:dsn|authorization)$", re.IGNORECASE)
_SPEAKS_OF_ONE = re.compile(
    r"(?:name|namespace|ref|file|path|ttl|seconds|timeout|expiry|length|count|enabled|type)s?$", re.IGNORECASE
)

# Anybody can write a log line or an annotation, so each pattern takes time in proportion to the text: a run of
# characters that a pattern may begin with is tried from its first one only.
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL)
_SCHEME = re.compile(r"\b(bearer|basic)\s+[\w.~+/=\-]{8,}", re.IGNORECASE)
_JWT = re.compile(r"(?<![\w\-])(?=[\w\-]++\.[\w\-]{8,}+\.)([\w\-]*?)\beyJ[\w\-]{8,}\.[\w\-]{8,}\.[\w\-]*")
_PREFIXED = re.compile(
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}\b|(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-)[\w\-]{12,})"
)
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.\-]{1,20}://[^\s/:@]{0,256}):[^\s/@]{1,256}@", re.IGNORECASE)
_KEY_VALUE = re.compile(
    rf"([\"']?(?<![\w.\-])[\w.\-]*{_WORD}[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&}}\[]{{3,}}", re.IGNORECASE
)
_TEXT: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = (
    (_PEM, REDACTED, ("-----begin",)),
    (_SCHEME, rf"\1 {REDACTED}", ("bearer", "basic")),
    (_JWT, rf"\1{REDACTED}", ("eyj",)),
    (
        _PREFIXED,
        REDACTED,
        ("akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk-"),
    ),
    (_IN_ADDRESS, rf"\1:{REDACTED}@", ("://",)),
    (_KEY_VALUE, rf"\1{REDACTED}", ("passw", "passphrase", "pwd", "secret", "key", "credential", "token")),
)
"""Each pattern, what takes its place, and of what every match in ASCII holds one in lower case."""

_SHORTEST = 14
"""Characters of the shortest secret that no `:` or `=` stands before: `basic` and eight more."""


@lru_cache(maxsize=4096)
def names_credential(name: str) -> bool:
    """Does a field of this name hold a credential (`DB_PASSWORD`), rather than speak of one (`TOKEN_TTL`)?"""
    return bool(_CREDENTIAL.search(name)) and not _SPEAKS_OF_ONE.search(name)


def redact_text(text: str) -> str:
    """Text without tokens, keys, passwords in addresses, and values of fields whose name says credential."""
    if not text.isascii():
        for pattern, replacement, _ in _TEXT:
            text = pattern.sub(replacement, text)
        return text
    if len(text) < _SHORTEST and ":" not in text and "=" not in text:
        return text
    lower = text.lower()
    for pattern, replacement, marks in _TEXT:
        for mark in marks:
            if mark in lower:
                text = pattern.sub(replacement, text)
                break
    return text
