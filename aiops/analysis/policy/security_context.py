"""Whether one security context only gives up what another one has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_OPENS: dict[str, Callable[[Any], bool]] = {
    "allowPrivilegeEscalation": lambda value: value is True,
    "privileged": lambda value: value is True,
    "readOnlyRootFilesystem": lambda value: value is False,
    "runAsGroup": lambda value: value == 0,
    "runAsNonRoot": lambda value: value is False,
    "runAsUser": lambda value: value == 0,
    "seccompProfile": lambda value: (value or {}).get("type") == "Unconfined",
}
"""Values of fields that let a container do more than the default does."""


def is_narrower(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Does `wanted` differ from `now` only in that it lacks what opens something? Any other may open more."""
    for field in now.keys() | wanted.keys():
        one, two = now.get(field), wanted.get(field)
        if one == two:
            continue
        if field == "capabilities":
            if not _fewer(one or {}, two or {}):
                return False
        elif field not in _OPENS or not _OPENS[field](one) or _OPENS[field](two):
            return False
    return True


def _fewer(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Fewer capabilities added, and no fewer dropped."""
    added = set(wanted.get("add") or ()) <= set(now.get("add") or ())
    return added and set(now.get("drop") or ()) <= set(wanted.get("drop") or ())
