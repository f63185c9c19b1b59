"""Why an image cannot be pulled, as the registry or the runtime says."""

from __future__ import annotations

import re

from aiops.core.mechanism import Mechanism

_ARCHITECTURE = re.compile(
    r"no match(ing)? (for platform|manifest)|exec format error|does not match the (specified )?platform", re.I
)
_CREDENTIALS = re.compile(
    r"unauthorized|authentication required|no basic auth|authorization failed|incorrect username or password|"
    r"\b401\b|\b403\b|forbidden|insufficient_scope|access (to the resource )?(is )?denied",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(r"not found|manifest unknown|name unknown|does not exist|repository does not exist", re.I)


def pull_mechanism(message: str) -> Mechanism:
    """The mechanism that an error of a pull speaks for. Registries that hide what one may not see say both that an
    image is not there and that one may not see it: then it is taken for missing."""
    if _ARCHITECTURE.search(message):
        return Mechanism.IMAGE_ARCHITECTURE
    if _CREDENTIALS.search(message) and not _NOT_THERE.search(message):
        return Mechanism.IMAGE_CREDENTIALS
    return Mechanism.IMAGE_UNAVAILABLE
