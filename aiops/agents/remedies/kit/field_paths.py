"""What a field path of a pod template is about."""

from __future__ import annotations

import re

VARIABLE = re.compile(r"\.containers\[(?P<container>[^\]]+)\]\.env\[(?P<name>[^\]]+)\]\.value$")
"""The value of an environment variable."""

_CONTAINER = re.compile(r"\.containers\[(?P<name>[^\]]+)\]")


def container_in(path: str | None) -> str | None:
    """The container that a field path names."""
    found = _CONTAINER.search(path or "")
    return found["name"] if found else None
