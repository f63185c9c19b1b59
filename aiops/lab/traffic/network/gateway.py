"""What the annotations of an Ingress make ingress-nginx do with requests. Source: its page on annotations."""

from __future__ import annotations

import re

from aiops.core.entity import Manifest

_PREFIX = "nginx.ingress.kubernetes.io"
_GROUP = re.compile(r"\$\d")


def annotation(ingress: Manifest, name: str) -> str:
    """The value of one of the controller's annotations; empty where the Ingress has none."""
    return str((ingress["metadata"].get("annotations") or {}).get(f"{_PREFIX}/{name}", ""))


def rewritten(ingress: Manifest, path: str) -> str:
    """The path with which the backend is asked. Groups of the Ingress' paths are empty: none of them is an expression
    here."""
    target = annotation(ingress, "rewrite-target")
    return (_GROUP.sub("", target) or "/") if target else path
