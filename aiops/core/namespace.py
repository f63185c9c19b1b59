"""Names of namespaces, as Kubernetes allows them (RFC 1123 labels)."""

from __future__ import annotations

import re

from aiops.core.errors import InvalidInputError

LONGEST = 63
PATTERN = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"
"""A namespace, or the empty text for all of them."""


def check_namespace(text: str) -> str:
    """`text` where it can be a namespace, or is empty. Raises `InvalidInputError`."""
    if len(text) > LONGEST or "\n" in text or not re.match(PATTERN, text):
        raise InvalidInputError(f"{text[:LONGEST]!r} is no namespace: lower-case letters, digits and '-', at most 63")
    return text
