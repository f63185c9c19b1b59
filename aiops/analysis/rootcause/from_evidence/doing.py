"""What is somebody else's doing: a value that a program puts back is mended in vain before the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiops.analysis.rootcause.from_evidence.case import Candidate
from aiops.analysis.rootcause.from_evidence.witnesses import overlap
from aiops.core.evidence import Evidence, Hypothesis

BEHIND = 0.9
"""Share of a cause's confidence that what it brings about may have at most."""

SURE = 0.5
"""Confidence of a cause from which it explains others."""


def behind_their_causes(candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> list[Candidate]:
    """The candidates, those of a field that is another one's doing behind that one."""
    doings = [(item, told) for item in evidence for told in item.suggests if told.explains]
    return [_behind(candidate, candidates, doings) for candidate in candidates]


def _behind(
    candidate: Candidate, candidates: Sequence[Candidate], doings: Sequence[tuple[Evidence, Hypothesis]]
) -> Candidate:
    for item, told in doings:
        named = candidate.field and any(overlap(candidate.field, path) for path in told.explains)
        if not named or str(candidate.subject) != str(item.subject):
            continue
        for cause in candidates:
            its_doing = (str(cause.subject), cause.mechanism) == (str(told.subject), told.mechanism)
            if its_doing and cause.confidence >= SURE:
                most = BEHIND * cause.confidence
                reason = candidate.demoted or f"it is the doing of {cause.subject}"
                candidate = replace(candidate, confidence=min(candidate.confidence, most), demoted=reason)
    return candidate
