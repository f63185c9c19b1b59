"""The scheduler's message about a pod that it could not place, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEAD = re.compile(r"^\d+/\d+ nodes are available:\s*")
_END = re.compile(r"\.(?:\s|$)|,?\s*preemption:", re.IGNORECASE)
_PART = re.compile(r"(?:^|, )(?:(\d+) )?((?:[^,{]|\{[^}]*\})+)")
_TAINT = re.compile(r"untolerated taint \{(?P<key>[^:}]+)(?::\s*(?P<value>[^}]*))?\}")
_LACK = re.compile(r"^Insufficient (?P<resource>\S+)$")

KINDS: tuple[tuple[str, str], ...] = (
    ("untolerated taint", "taint"),
    ("were unschedulable", "cordon"),
    ("node affinity/selector", "selector"),
    ("existing pods anti-affinity", "others"),
    ("pod anti-affinity", "apart"),
    ("pod affinity rules", "together"),
    ("topology spread", "spread"),
    ("free ports", "port"),
    ("Insufficient ", "resource"),
    ("Too many pods", "resource"),
    ("volume node affinity", "volume"),
    ("PersistentVolume's node affinity", "volume"),
    ("unbound immediate PersistentVolumeClaim", "claim"),
    ("persistentvolumeclaim", "claim"),
    ("storageclass", "claim"),
    ("ReadWriteOncePod", "mode"),
)
"""Words of the scheduler's plugins, and what they are about here."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a pod off `nodes` nodes (0: off all of them alike). `name` is the taint's key or the resource,
    where the scheduler says it."""

    kind: str
    nodes: int
    name: str = ""
    value: str = ""


def obstacles(message: str) -> list[Obstacle]:
    """What the scheduler named, in its order. What preemption could do is left out."""
    text = _END.split(_HEAD.sub("", message))[0]
    found = []
    for count, part in _PART.findall(text):
        kind = next((kind for words, kind in KINDS if words in part), "")
        if kind:
            found.append(_obstacle(kind, int(count or 0), part.strip()))
    return found


def _obstacle(kind: str, count: int, part: str) -> Obstacle:
    taint, lack = _TAINT.search(part), _LACK.match(part)
    if taint is not None:
        return Obstacle(kind, count, taint["key"].strip(), (taint["value"] or "").strip())
    return Obstacle(kind, count, lack["resource"] if lack else "")
