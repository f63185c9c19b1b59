"""Whether enough of users' requests rely on what could be broken."""

from __future__ import annotations

import re
from collections.abc import Mapping

ENOUGH_RELY = 0.1
"""The share of users' requests that has to rely on something for its loss to be felt, whatever is retried."""

_SERVES = re.compile(r"(?:Deployment|StatefulSet|Service|PersistentVolumeClaim)/[^\s,]+/[^\s,]+")
_VARIABLE = re.compile(r"(Deployment/\S+/\S+) \S+ ([A-Z][A-Z0-9_]*)")


def share_of(written: str, relied: Mapping[str, float]) -> float:
    """The share of users' requests that rely on a candidate, as it is written: on the call or the variable that it is,
    else on the workload or Service that it names first; all, where that is not known."""
    variable = _VARIABLE.match(written)
    named = _SERVES.search(written)
    keys = [written, f"{variable[1]} {variable[2]}" if variable else "", named[0] if named else ""]
    return next((relied[key] for key in keys if key in relied), 1.0)
