"""Taints and the tolerations that cover them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HARD_EFFECTS = ("NoSchedule", "NoExecute")
UNSCHEDULABLE = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def covers(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    """Does a toleration cover the taint? Its empty effect and empty key stand for any."""
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    key, operator = toleration.get("key") or "", toleration.get("operator") or "Equal"
    if key and key != taint["key"]:
        return False
    if operator == "Exists":
        return True
    return bool(key) and operator == "Equal" and (toleration.get("value") or "") == (taint.get("value") or "")


def tolerates(tolerations: Iterable[Mapping[str, Any]] | None, taint: Mapping[str, Any]) -> bool:
    return any(covers(toleration, taint) for toleration in tolerations or ())


def untolerated(
    tolerations: Iterable[Mapping[str, Any]] | None, taints: Iterable[Mapping[str, Any]], effects: tuple[str, ...]
) -> list[Mapping[str, Any]]:
    """The taints of these effects that no toleration covers."""
    kept = list(tolerations or ())
    return [taint for taint in taints if taint.get("effect") in effects and not tolerates(kept, taint)]
