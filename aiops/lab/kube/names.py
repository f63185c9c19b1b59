"""Names: generated suffixes and the rules that a name must keep."""

from __future__ import annotations

import re
import zlib
from random import Random

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' own for generated names: no vowels, so no words."""

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character"
)
_SERVICE_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character"
)


def random_suffix(rng: Random, length: int = 5) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(length))


def hash_suffix(data: bytes) -> str:
    """A short stable hash in the alphabet of generated names."""
    return "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in str(zlib.crc32(data)))


def name_problem(kind: str, name: str) -> str:
    """What is wrong with a name of this kind; empty where nothing is."""
    if kind in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"):
        return "" if "/" not in name and "%" not in name and name not in (".", "..") else "may not contain '/' or '%'"
    if kind == "Service":
        return "" if _SERVICE.fullmatch(name) and len(name) <= 63 else _SERVICE_RULE
    if kind == "Namespace":
        return "" if _LABEL.fullmatch(name) and len(name) <= 63 else _LABEL_RULE
    return "" if _SUBDOMAIN.fullmatch(name) and len(name) <= 253 else _SUBDOMAIN_RULE
