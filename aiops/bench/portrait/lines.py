"""What programs say in their logs, whatever language they are written in."""

from __future__ import annotations

import re
from collections import Counter

from aiops.bench.portrait.scene import Scene
from aiops.clients.loki import LabelledLine

LINES = 3000
"""Lines that are read of a span, the newest."""

OFTEN = 3
"""Lines from which on it is no accident that they were not there before."""

TIMES = 4
"""So many times as often is more than chance."""

SAYINGS = {
    "refused": r"refused",
    "reset": r"reset by peer|broken pipe|socket hang up|closed unexpectedly|prematurely closed",
    "timed out connecting": r"connect\w*( failed:|timeout)?.{0,20}timed out|i/o timeout|etimedout|connecttimeout",
    "timed out": r"timed out|timeout|deadline exceeded",
    "no such host": r"no such host|name or service not known|enotfound|unknownhost|not be resolved|getaddrinfo",
    "unreachable": r"unreachable|no route to host",
    "pool used up": r"pool.{0,40}(time|exhaust|wait|empty)|from (the )?connection pool|pool timeout",
    "too many clients": r"too many (clients|connections)|maxclients",
    "too many files": r"too many open files|emfile",
    "out of memory": r"out of ?memory|heap (space|limit)|cannot allocate|oom",
    "no space": r"no space left|disk full|disk quota",
    "input or output error": r"input/output error|i/o error|read-only file",
    "denied": r"denied|forbidden|not authori[sz]ed|unauthori[sz]ed|noperm",
    "credential": r"authenticat|password|wrongpass|noauth",
    "certificate": r"x509|certificate",
    "handshake": r"handshake|ssl|\btls\b",
    "lock": r"lock wait|deadlock|lock timeout|could not obtain lock",
    "no such column": r"column|sqlstate 42|unknown field",
    "no such file": r"no such file|filenotfound",
    "setting": r"environment variable|placeholder|required (setting|option)|not set",
    "exception": r"exception|panic|traceback|unhandled|segmentation",
    "unavailable": r"unavailable|no active endpoint|circuit|\b503\b",
    "too many requests": r"too many requests|\b429\b",
    "slow": r"slow (query|request|operation)|took too long|apply request took",
    "garbage": r"\bgc\b|garbage|pause",
    "message": r"requeue|redeliver|dead.?letter|not handled|listener failed",
    "device": r"xid|cuda|nccl|\bgpu\b",
    "throttled": r"throttl",
    "failed": r"\b(500|fail\w*|error)\b",
}
"""What a line says, and how that is said; a line says everything that it matches."""

_SAYINGS = {said: re.compile(words, re.IGNORECASE) for said, words in SAYINGS.items()}
_QUERY = "|".join(f"({words})" for words in SAYINGS.values())


async def said(scene: Scene) -> set[str]:
    """What is said more often since the onset than in as long a time before it."""
    span = scene.now - scene.onset
    before = await _counts(scene, scene.onset - span, scene.onset)
    after = await _counts(scene, scene.onset, scene.now)
    return {each for each, count in after.items() if count >= OFTEN + TIMES * before[each]}


async def _counts(scene: Scene, start: float, end: float) -> Counter[str]:
    query = "{" + f'namespace=~"{"|".join(scene.stage.namespaces)}"' + "} |~ " + f"`(?i){_QUERY}`"
    lines = await scene.access.logs.lines(query, start, end, limit=LINES)
    return Counter(f"{_whose(scene, line)} says: {each}" for line in lines for each in _told(line.text))


def _whose(scene: Scene, line: LabelledLine) -> str:
    return {"its": "it", "other": "another"}[scene.whose(line.labels.get("pod", ""))]


def _told(text: str) -> list[str]:
    return [said for said, words in _SAYINGS.items() if words.search(text)]
