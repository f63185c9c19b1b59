"""What ConfigMaps and Secrets hold, as text."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Protocol

from aiops.core.entity import Manifest


class Reader(Protocol):
    """The reads that resolving a configuration needs."""

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None: ...


def values_of(reader: Reader, kind: str, namespace: str, name: str) -> dict[str, str] | None:
    """The keys of a ConfigMap or Secret with their text; None where there is no such object."""
    found = reader.find(kind, namespace, name)
    if found is None:
        return None
    data = found.get("data") or {}
    if kind == "Secret":
        return {key: decoded(value) for key, value in data.items()}
    return {**data, **{key: decoded(value) for key, value in (found.get("binaryData") or {}).items()}}


def decoded(text: str) -> str:
    """Base64 as text; what is no text is replaced sign by sign."""
    try:
        return b64decode(text).decode(errors="replace")
    except Base64Error:
        return ""
