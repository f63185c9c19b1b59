"""Kinds that are served and on their way out: what callers are told."""

from __future__ import annotations

_DEPRECATED = {
    ("v1", "endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    ("v1", "componentstatuses"): "v1 ComponentStatus is deprecated in v1.19+",
}


def deprecation(api_version: str, plural: str) -> str:
    """The warning for every request to a resource; empty for one that stays."""
    return _DEPRECATED.get((api_version, plural), "")
