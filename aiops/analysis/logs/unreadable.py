"""Tells from a client's log line that what it got as an answer cannot be read, or cannot be true.

Such an answer comes in time and with status 200: no figure of requests shows it, and only who reads it complains."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aiops.analysis.logs.signatures import signature_of
from aiops.core.mechanism import Mechanism

LONGEST = 4096
"""Characters of a line that are looked at."""

_THING = r"(?:record|row|document|entry|item|object|value|payload|body|answer|response|result)s?"

_UNREADABLE = re.compile(
    rf"\b{_THING} (?:\S+ ){{0,4}}?(?:skipped|dropped|discarded|ignored|rejected|corrupt(?:ed)?|unreadable)\b"
    rf"|\b(?:skip|dropp?|discard|ignor|reject)(?:ed|s|ing|ped|ping)? (?:an? |the |\d+ )?(?:\w+ )?{_THING}\b"
    rf"|\b(?:decod|deseriali[sz]|unmarshal)\w*:? (?:\w+ ){{0,2}}?{_THING}\b"
    rf"|\b(?:corrupt(?:ed)?|malformed|implausible|garbled|unreadable) (?:\w+ )?{_THING}\b"
    r"|\bchecksum (?:mismatch|error|failed)|\bmalformed utf-8|\binvalid utf-?8|\bcan't decode byte\b",
    re.IGNORECASE,
)
"""Wordings of serialisation libraries, and of programs that go on without what they could not read."""


def is_unreadable(line: str) -> bool:
    """Does a line tell of content that makes no sense? Two versions that do not understand each other are another
    matter."""
    head = line[:LONGEST]
    if _UNREADABLE.search(head) is None:
        return False
    known = signature_of(head)
    return known is None or known.mechanism is not Mechanism.ROLLOUT_PARTIAL


def named_in(line: str, names: Iterable[str]) -> str | None:
    """The longest of some names of hosts that stands in a line as a word of its own."""
    head = line[:LONGEST]
    found = [name for name in names if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", head)]
    return max(found, key=lambda name: (len(name), name), default=None)
