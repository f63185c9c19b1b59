"""Takes secrets out of everything that a tool gives back: objects, environment values, tokens and keys in text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel

from aiops.core.changes import FieldChange

REDACTED = "[redacted]"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""kubectl's copy of the whole object as text; left out, since it repeats what is shown already."""

_PATH_TOKEN = re.compile(r"[^.\[\]]+")

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

_PLAIN = frozenset({bool, float, int, type(None)})
"""Types without text: whole columns of them need no second look."""

M = TypeVar("M", bound=BaseModel)


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


def redact(value: Any, name: str = "") -> Any:
    """A copy of a JSON value without secrets. `name` is the field that holds it, where there is one."""
    if isinstance(value, str):
        return REDACTED if value and names_credential(name) else redact_text(value)
    if isinstance(value, dict):
        return _redact_dict(value)
    if isinstance(value, list):
        if _PLAIN.issuperset(map(type, value)):
            return list(value)
        return [redact(item, _flag(value, index)) for index, item in enumerate(value)]
    return value


def _redact_dict(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("kind") == "Secret":
        hidden = {part: dict.fromkeys(value[part], REDACTED) for part in ("data", "stringData") if value.get(part)}
        value = {**value, **hidden}
    variable = value.get("name")
    if isinstance(variable, str) and isinstance(value.get("value"), str) and names_credential(variable):
        value = {**value, "value": REDACTED}
    return {key: redact(item, str(key)) for key, item in value.items() if key != LAST_APPLIED}


def _flag(items: list[Any], index: int) -> str:
    """The name that the item before gives to this one, as in `["--password", "x"]`."""
    before = items[index - 1] if index else None
    return before if isinstance(before, str) and before.startswith("-") and "=" not in before else ""


def redact_model(model: M) -> M:
    """A copy of a result without secrets."""
    update = {name: _redact_field(getattr(model, name), _hint(model, name)) for name in type(model).model_fields}
    return model.model_copy(update=update)


def _hint(model: BaseModel, field: str) -> str:
    """A changed field holds what its path names (`spec.containers[db].env[DB_PASSWORD].value`)."""
    if isinstance(model, FieldChange) and field in ("old", "new"):
        steps = _PATH_TOKEN.findall(model.path)
        return next((step for step in reversed(steps) if step != "value"), "")
    return ""


def _redact_field(value: Any, name: str) -> Any:
    if isinstance(value, BaseModel):
        return redact_model(value)
    if isinstance(value, tuple):
        if _PLAIN.issuperset(map(type, value)):
            return value
        return tuple(_redact_field(item, name) for item in value)
    return redact(value, name)
